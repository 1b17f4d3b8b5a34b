import type { Locator } from 'playwright-core';
import { eventually } from './eventually';
import { lab, load, notebook, open, page, reopen } from './workbench';
import { timedCell } from './timedCell';

const COUNT = 80;

const CELLS = Array.from({ length: COUNT }, (_, index) =>
  timedCell(
    index + 1,
    index % 2 === 0 ? `%%rust\nlet a${index} = "${index}";` : `let = "number ${index}"`,
    { run: index + 1 },
  ),
);

/** A cell by its text: in some modes the page holds only those that are in sight. */
function cellWith(text: string): Locator {
  return page.locator('.jp-Notebook-cell', { hasText: text });
}

async function coloursOfLet(text: string): Promise<string[]> {
  const words = cellWith(text).locator('.cm-line span', { hasText: /^let$/ });
  return words.evaluateAll((all) => all.map((word) => getComputedStyle(word).color));
}

/** A Rust cell is coloured as one, unlike the Python cell behind it, and both are timed. */
async function expectDrawn(rust: number): Promise<void> {
  const [code, python] = [`let a${rust} =`, `"number ${rust + 1}"`];
  await notebook.reveal(rust);
  await cellWith(python).scrollIntoViewIfNeeded();
  await eventually(async () => {
    expect(await coloursOfLet(code)).toHaveLength(1);
    expect(await coloursOfLet(code)).not.toEqual(await coloursOfLet(python));
    expect(await cellWith(code).locator('.ferrobook-Chip').innerText()).toBe('Rust');
    for (const [cell, ms] of [
      [code, rust + 1],
      [python, rust + 2],
    ] as const) {
      const time = await cellWith(cell).getByLabel('Execution time').textContent();
      expect(time).toContain(`run ${ms.toPrecision(3)} ms`);
    }
  });
}

describe.each(['none', 'defer', 'full', 'contentVisibility'])('windowing mode %s', (mode) => {
  beforeAll(async () => {
    await lab.set('@jupyterlab/notebook-extension/tracker', { windowingMode: mode });
    await load();
  });

  afterAll(async () => {
    await lab.set('@jupyterlab/notebook-extension/tracker', {});
    await load();
  });

  test('all cells have their chips, colours and times, wherever one scrolls and after a reload', async () => {
    const name = `${mode}.ipynb`;
    await open(name, 'ferrobook', ...CELLS);
    await notebook.rendered();
    for (const rust of [0, COUNT - 2, 30]) await expectDrawn(rust);

    await notebook.reveal(COUNT - 1);
    await notebook.press('Control+Enter');
    await eventually(async () => {
      const time = cellWith(`"number ${COUNT - 1}"`).getByLabel('Execution time');
      expect(await time.textContent()).toMatch(/^Python · (?!run 80\.0 ms)/);
    });
    await load();
    await reopen(name, 'ferrobook');
    await notebook.rendered();
    for (const rust of [COUNT - 2, 30, 0]) await expectDrawn(rust);
  });
});
