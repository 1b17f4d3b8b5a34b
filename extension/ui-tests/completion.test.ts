import type { Locator } from 'playwright-core';
import { eventually } from './eventually';
import { notebook, open, page } from './workbench';

beforeEach(async () => {
  await open(
    'completion.ipynb',
    'ferrobook',
    '%%rust\nlet words = vec!["a"];\n/// Doubles a number.\nfn double(x: i32) -> i32 { 2 * x }',
    '%%rust\n',
  );
  await notebook.select(0);
  await notebook.press('Control+Enter');
  await eventually(async () => {
    expect(await notebook.timing(0).textContent({ timeout: 1000 })).toMatch(/run [\d.]+ ms/);
  });
});

/** Makes this the code of the second cell, with the cursor at its end. */
async function type(code: string): Promise<void> {
  await notebook.edit(1);
  await notebook.press('Escape', 'Enter', 'Control+a');
  await page.keyboard.insertText(`%%rust\n${code}`);
}

const completer = (): Locator => page.locator('.jp-Completer:not(.lm-mod-hidden)');

/** Asks for completions until there are any: nothing is offered while a cell runs. */
async function complete(): Promise<void> {
  await eventually(async () => {
    await notebook.press('Tab');
    await completer().waitFor({ timeout: 20_000 });
  });
}

/** What the completer offers: text and kind. */
async function offered(): Promise<string[]> {
  const items = await completer().locator('.jp-Completer-item').all();
  return Promise.all(
    items.map(async (item) =>
      [
        await item.locator('.jp-Completer-match').textContent(),
        await item.locator('.jp-Completer-typeExtended').textContent(),
      ].join(' '),
    ),
  );
}

test('Tab offers the methods of a variable, with their kinds', async () => {
  await type('words.le');
  await complete();
  expect(await offered()).toContain('len() function');
  await notebook.press('Escape');
});

test('Tab completes a crate and its version on a :dep line', async () => {
  await type(':dep annotate-snip');
  await complete();
  expect(await offered()).toContain('annotate-snippets module');
  await notebook.press('Enter');
  await eventually(async () => {
    expect(await notebook.source(1)).toBe('%%rust\n:dep annotate-snippets');
  });
  await page.keyboard.insertText(' = "');
  await complete();
  const versions = await offered();
  expect(versions.length).toBeGreaterThan(1);
  expect(versions.every((version) => /^\d+\.\d+\.\d+\S* value$/.test(version))).toBe(true);
  await notebook.press('Escape');
});

test('Shift Tab among the arguments of a call shows the signature', async () => {
  await type('double(1, )');
  await notebook.press('ArrowLeft', 'Shift+Tab');
  const tooltip = page.locator('.jp-Tooltip');
  await tooltip.waitFor();
  const text = await tooltip.textContent();
  expect(text).toContain('fn double(x: i32) -> i32');
  expect(text).toContain('Doubles a number.');
  await notebook.press('Escape');
});
