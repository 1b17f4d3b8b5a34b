import type { Locator } from 'playwright-core';
import { eventually } from './eventually';
import { contrast } from './notebookPage';
import { notebook, open, openAlone, page, READABLE } from './workbench';

function panel(): Locator {
  return page.getByRole('region', { name: 'Variables' });
}

/** The rows of a language's variables, without the values of those that are open. */
async function rows(language: string): Promise<string[]> {
  const found = panel().locator(`tbody[aria-label="${language}"] tr`);
  const named = await found.filter({ has: page.getByRole('button') }).all();
  return Promise.all(
    named.map(async (row) => (await row.locator('th, td').allInnerTexts()).join(' | ')),
  );
}

async function showPanel(): Promise<void> {
  await notebook.execute('ferrobook:show-variables-panel');
}

afterEach(async () => {
  await page.evaluate(() => window.jupyterapp.commands.execute('application:toggle-right-area'));
});

test('the variables of both languages follow the cells, and values open when they are asked for', async () => {
  await openAlone(
    'variables.ipynb',
    'ferrobook',
    'words = ["copper", "iron"]',
    '%%rust\nlet count = vec![1u8; 3000]; let ratio = [0.5, 0.25];',
    'words.append("zinc")\nlater = 1',
    '%%rust\nlet count = vec![2u8, 3];',
  );
  await showPanel();
  await panel().getByText('There are no variables yet.').waitFor();
  await notebook.run(0);
  await notebook.run(1);
  await eventually(async () => {
    expect(await rows('Python')).toEqual([expect.stringMatching(/^words \| list \| \d+ B$/)]);
    expect(await rows('Rust')).toEqual(['count | Vec<u8> | ', 'ratio | [f64; 2] | 16 B']);
  });

  await panel().getByRole('button', { name: 'words' }).click();
  await panel().getByText("['copper', 'iron']").waitFor();
  await panel().getByRole('button', { name: 'count' }).press('Enter');
  await panel().getByText('1,').first().waitFor();
  expect(await rows('Rust')).toEqual(['count | Vec<u8> | 3.0 KiB', 'ratio | [f64; 2] | 16 B']);

  await notebook.run(2);
  await panel().getByText("['copper', 'iron', 'zinc']").waitFor();
  expect(await rows('Python')).toHaveLength(2);
  await notebook.run(3);
  await panel().getByText('[\n    2,\n    3,\n]').waitFor();
  await panel().getByRole('button', { name: 'words' }).click();
  await expect(panel().getByText("['copper'").count()).resolves.toBe(0);

  for (const theme of ['JupyterLab Light', 'JupyterLab Dark']) {
    await notebook.useTheme(theme);
    await eventually(async () => {
      for (const text of await panel().locator('th, td, button, pre').all()) {
        if ((await text.textContent()) === '') continue;
        expect(await contrast(text)).toBeGreaterThan(READABLE);
      }
    });
  }
  await notebook.shutDownKernel();
  await panel().getByText('No notebook with a running kernel').waitFor();
});

test('a notebook of another kernel has no variables here', async () => {
  await open('python.ipynb', 'python3', 'here = 1');
  await notebook.runToEnd(0);
  await showPanel();
  await panel().getByText('No notebook with a running kernel').waitFor();
});
