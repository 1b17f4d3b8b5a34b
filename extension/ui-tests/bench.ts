/**
 * Measures a large notebook in JupyterLab, with the extension and without it, in turns: `npx tsx extension/ui-tests/bench.ts
 * ROUNDS`. Prints a line of JSON: for each figure the samples in milliseconds, of both.
 */

import type { Page } from 'playwright-core';
import { launchBrowser } from './browser';
import { JupyterLab } from './jupyterLab';
import { LARGE, largeNotebook, longRustCell } from './largeNotebook';
import { NotebookPage } from './notebookPage';

const EXTENSION = '@ferrobook/extension';

/** A page is at rest when it has not worked for longer than 50 ms at once for so long, in milliseconds. */
const REST = 1000;

const KEYS = 40;

/** What is measured of one page, in milliseconds. */
interface Sample {
  /** From the command that opens the notebook until there are cells on the screen. */
  drawn: number;
  /** From the same until the page is at rest and can be used. */
  ready: number;
  /** The longest time between two frames while the notebook is scrolled to its end. */
  longestFrame: number;
  /** How long that takes. */
  scrolled: number;
  /** From a key to its character, in a cell of 10,000 lines. */
  key: number;
}

async function main(rounds: number): Promise<void> {
  const lab = await JupyterLab.start();
  const browser = await launchBrowser();
  try {
    await lab.write('large.ipynb', 'ferrobook', largeNotebook());
    await lab.write('long.ipynb', 'ferrobook', [{ source: longRustCell() }]);
    const kernel = await startKernel(lab, await browser.newPage());
    const samples: Record<'ours' | 'peer', Sample[]> = { ours: [], peer: [] };
    // What the first load of each finds cold is left out.
    for (let round = -1; round < rounds; round += 1) {
      for (const [who, disabled] of [
        ['ours', undefined],
        ['peer', EXTENSION],
      ] as const) {
        await lab.disable(disabled);
        const page = await browser.newPage({ viewport: { width: 1200, height: 900 } });
        const sample = await measure(lab, page, kernel);
        if (round >= 0) samples[who].push(sample);
        await page.close();
      }
    }
    console.log(JSON.stringify(samples));
  } finally {
    await browser.close();
    await lab.stop();
  }
}

/** One kernel serves all pages; its start is not measured. */
async function startKernel(lab: JupyterLab, page: Page): Promise<string> {
  await openLab(lab, page);
  const notebook = await NotebookPage.open(page, 'long.ipynb');
  const id = await notebook.kernelId();
  await page.close();
  return id;
}

async function openLab({ url }: JupyterLab, page: Page): Promise<void> {
  await page.goto(url);
  await page.locator('.jp-Launcher').waitFor();
}

async function measure(lab: JupyterLab, page: Page, kernel: string): Promise<Sample> {
  await openLab(lab, page);
  await page.evaluate(() => new Promise((resolve) => requestIdleCallback(resolve)));
  const [opened, large] = await Promise.all([
    page.evaluate(timeToDraw, REST),
    NotebookPage.open(page, 'large.ipynb', { kernel }),
  ]);
  await large.rendered();
  const scrolling = await page.evaluate(timeToScroll);
  if (scrolling.last !== LARGE - 1) throw new Error(`scrolled to cell ${scrolling.last} only`);
  await large.close();

  const long = await NotebookPage.open(page, 'long.ipynb', { kernel });
  await long.edit(0);
  await long.press('Control+Home', 'ArrowDown', 'Home');
  await page.keyboard.type('// ');
  const started = performance.now();
  await page.keyboard.type('x'.repeat(KEYS));
  const key = (performance.now() - started) / KEYS;
  await long.close();
  return { ...opened, longestFrame: scrolling.longestFrame, scrolled: scrolling.scrolled, key };
}

/** Runs in the page (where functions that tsx has given a name fail), from just before the notebook is opened until it is at rest. */
async function timeToDraw(rest: number): Promise<{ drawn: number; ready: number }> {
  const started = performance.now();
  let worked = started;
  const observer = new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) worked = startTime + duration;
  });
  observer.observe({ entryTypes: ['longtask'] });
  while (document.querySelector('.jp-Notebook .jp-CodeCell .cm-line') === null)
    await new Promise(requestAnimationFrame);
  await new Promise(requestAnimationFrame);
  const drawn = performance.now();
  worked = Math.max(worked, drawn);
  while (performance.now() - worked < rest) await new Promise(requestAnimationFrame);
  observer.disconnect();
  return { drawn: drawn - started, ready: worked - started };
}

/** Runs in the page; `last` is the cell that is in sight in the end. */
async function timeToScroll(): Promise<{ longestFrame: number; scrolled: number; last: number }> {
  const view = document.querySelector('.jp-Notebook .jp-WindowedPanel-outer');
  if (view === null) throw new Error('there is no notebook');
  const started = await new Promise<number>(requestAnimationFrame);
  let before = started;
  let longestFrame = 0;
  while (view.scrollTop + view.clientHeight < view.scrollHeight - 1) {
    view.scrollTop += view.clientHeight / 3;
    const now = await new Promise<number>(requestAnimationFrame);
    longestFrame = Math.max(longestFrame, now - before);
    before = now;
  }
  const { bottom } = view.getBoundingClientRect();
  const cells = [...view.querySelectorAll('[data-windowed-list-index]')];
  const seen = cells.filter((cell) => cell.getBoundingClientRect().top < bottom);
  const last = Number(seen.at(-1)?.getAttribute('data-windowed-list-index'));
  return { longestFrame, scrolled: before - started, last };
}

void main(Number(process.argv[2] ?? 1));
