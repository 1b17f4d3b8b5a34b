/**
 * Takes all pictures of the README, of the real page: `npx tsx extension/ui-tests/pictures.ts`. It takes some minutes,
 * and needs what the quickstart needs.
 */

import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { launchBrowser } from './browser';
import { eventually } from './eventually';
import { JupyterLab, ROOT } from './jupyterLab';
import { NotebookPage } from './notebookPage';

const NOTEBOOK = join(ROOT, 'examples/quickstart.ipynb');

/** The heading where the picture of the notebook begins; the Rust cell below it becomes the active one. */
const FIRST_CELL = 13;

/** How long the quickstart may take, in milliseconds: its first Rust cells build their dependencies. */
const RUN_LIMIT = 300_000;

/** How long the first answer about Rust may take, in milliseconds. */
const RUST_START = 60_000;

/** By how many pixels. */
const WIDER = 110;

const THEMES = [
  ['light', 'JupyterLab Light'],
  ['dark', 'JupyterLab Dark'],
] as const;

const FIXABLE = `%%rust
fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}
let samples = vec![2.1, 1.9, 2.0];
mean(samples)`;

const VARIABLES = [
  'from collections import Counter\n\nwords = ["copper", "iron", "iron", "zinc"]\nused = Counter(words)',
  "%%rust\n#[derive(Debug)]\nstruct Ore { name: &'static str, grams: u32 }\n" +
    'let ores = vec![Ore { name: "copper", grams: 120 }, Ore { name: "zinc", grams: 80 }];\n' +
    'let total: u32 = ores.iter().map(|ore| ore.grams).sum();',
  '%%rust\nstd::thread::sleep(std::time::Duration::from_secs(600));',
];

async function main(): Promise<void> {
  const browser = await launchBrowser();
  const lab = await JupyterLab.start();
  try {
    await mkdir(join(ROOT, 'docs'), { recursive: true });
    await pictureMarks(lab, browser);
    await pictureVariables(lab, browser);
    await pictureSettings(lab, browser);
    await pictureQuickstart(lab, browser);
  } finally {
    await browser.close();
    await lab.stop();
  }
}

/** JupyterLab in a window of this size, with nothing in it but a notebook. */
async function show(
  lab: JupyterLab,
  browser: Browser,
  size: { width: number; height: number },
  notebook: string,
): Promise<NotebookPage> {
  const page = await browser.newPage({ viewport: size, deviceScaleFactor: 2 });
  await page.goto(lab.url);
  await page.locator('.jp-Launcher').waitFor();
  const opened = await NotebookPage.open(page, notebook);
  await opened.execute('application:toggle-left-area');
  await page.getByRole('tab', { name: 'Launcher' }).locator('.lm-TabBar-tabCloseIcon').click();
  return opened;
}

/** Takes a picture of the page, or of a part of it, once it has come to rest. */
async function take(name: string, of: Page | Locator): Promise<void> {
  const page = 'page' in of ? of.page() : of;
  await page.waitForTimeout(1500);
  await of.screenshot({ path: join(ROOT, `docs/${name}.png`) });
}

/** Makes the panel on the right as wide as people have it who read it. */
async function widen(page: Page): Promise<void> {
  const handles = page.locator('#jp-main-split-panel > .lm-SplitPanel-handle:not(.lm-mod-hidden)');
  const box = await handles.last().boundingBox();
  if (box === null) throw new Error('there is no panel on the right');
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x - WIDER, y, { steps: 5 });
  await page.mouse.up();
  await page.mouse.move(0, 0);
}

async function end(notebook: NotebookPage): Promise<void> {
  await notebook.shutDownKernel();
  await notebook.page.close();
}

async function pictureQuickstart(lab: JupyterLab, browser: Browser): Promise<void> {
  await lab.copy(NOTEBOOK);
  const notebook = await show(lab, browser, { width: 1200, height: 1040 }, basename(NOTEBOOK));
  const { page } = notebook;
  await notebook.execute('notebook:run-all-cells');
  const last = page.locator('.jp-Notebook .jp-CodeCell').last();
  await last.getByLabel('Execution time').waitFor({ timeout: RUN_LIMIT });
  await notebook.save();
  await page.getByText('Saving completed').waitFor({ state: 'hidden' });
  await notebook.select(FIRST_CELL + 1);
  for (const [name, theme] of THEMES) {
    await notebook.useTheme(theme);
    await notebook.cell(FIRST_CELL).evaluate((cell) => {
      cell.scrollIntoView({ block: 'start' });
    });
    await page.mouse.move(0, 0);
    await take(`notebook-${name}`, page);
  }
  await page.setViewportSize({ width: 1200, height: 740 });
  await notebook.execute('ferrobook:show-timing-panel');
  await widen(page);
  await page.getByLabel('Order').selectOption('by time');
  for (const [name, theme] of THEMES) {
    await notebook.useTheme(theme);
    await take(`timing-panel-${name}`, page.getByRole('region', { name: 'Timing' }));
  }
  await end(notebook);
}

async function pictureVariables(lab: JupyterLab, browser: Browser): Promise<void> {
  await lab.write(
    'variables.ipynb',
    'ferrobook',
    VARIABLES.map((source) => ({ source })),
  );
  const notebook = await show(lab, browser, { width: 1000, height: 560 }, 'variables.ipynb');
  const { page } = notebook;
  for (const cell of [0, 1]) {
    await notebook.run(cell);
    await notebook.timing(cell).waitFor({ timeout: RUST_START });
  }
  await notebook.execute('ferrobook:show-variables-panel');
  await widen(page);
  const panel = page.getByRole('region', { name: 'Variables' });
  for (const name of ['used', 'ores']) await panel.getByRole('button', { name }).click();
  await panel.getByText('grams: 80').waitFor({ timeout: RUST_START });
  await page.mouse.move(0, 0);
  for (const [name, theme] of THEMES) {
    await notebook.useTheme(theme);
    await take(`variables-panel-${name}`, panel);
  }
  await notebook.execute('application:toggle-right-area');
  await notebook.useTheme('JupyterLab Light');
  await notebook.run(2);
  await notebook.clock(2).waitFor();
  await eventually(async () => {
    await page.getByText('Rust: running').waitFor({ timeout: RUST_START });
  });
  await take('status-bar', page.locator('#jp-bottom-panel'));
  await notebook.execute('kernelmenu:interrupt');
  await notebook.clock(2).waitFor({ state: 'hidden' });
  await end(notebook);
}

async function pictureMarks(lab: JupyterLab, browser: Browser): Promise<void> {
  await lab.write('marks.ipynb', 'ferrobook', [{ source: '%%rust\n' }, { source: '' }]);
  const notebook = await show(lab, browser, { width: 860, height: 680 }, 'marks.ipynb');
  const { page } = notebook;
  await notebook.edit(0);
  await notebook.press('Control+a');
  await page.keyboard.insertText(FIXABLE);
  const mark = notebook.cell(0).locator('.cm-lintRange-error');
  await mark.waitFor({ timeout: RUST_START });
  for (const [name, theme] of THEMES) {
    await notebook.useTheme(theme);
    await notebook.edit(0);
    await notebook.press('Control+Home', 'F8');
    await page.locator('.cm-tooltip-lint').waitFor();
    await take(`marks-${name}`, page);
  }
  await end(notebook);
}

async function pictureSettings(lab: JupyterLab, browser: Browser): Promise<void> {
  const page = await browser.newPage({
    viewport: { width: 1100, height: 500 },
    deviceScaleFactor: 2,
  });
  await page.goto(lab.url);
  await page.locator('.jp-Launcher').waitFor();
  await page.evaluate(() =>
    window.jupyterapp.commands.execute('settingeditor:open', { query: 'Ferrobook' }),
  );
  const settings = page.locator('.jp-SettingsPanel');
  await settings.getByText('Draw markers as chips').waitFor();
  await take('settings', settings);
  await page.close();
}

void main();
