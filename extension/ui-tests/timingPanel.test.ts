import type { Locator } from 'playwright-core';
import { eventually } from './eventually';
import { contrast } from './notebookPage';
import { timedCell } from './timedCell';
import { notebook, open, page, READABLE } from './workbench';

const CELLS = [
  timedCell(1, 'import numpy', { run: 120 }),
  timedCell(2, '%%rust\n// why\nlet a = 1 | 2;', { compile: 900, run: 100 }),
  { source: 'never = "run"' },
  timedCell(3, '1 / 0', { run: 5 }, { status: 'error' }),
  timedCell(4, '%%rust\na', { compile: 8, run: 1 }, { cached: true }),
];

function panel(): Locator {
  return page.getByRole('region', { name: 'Timing' });
}

/** The rows of the chart, by what readers of screens are told. */
async function rows(): Promise<string[]> {
  const links = panel().locator('.ferrobook-TimingRows a');
  const labels = await links.evaluateAll((all) =>
    all.map((link) => link.querySelector('[aria-label]')?.getAttribute('aria-label') ?? ''),
  );
  return labels.map((label) => label.split('\n').join(', '));
}

async function openPanel(name: string): Promise<void> {
  await open(name, 'ferrobook', ...CELLS);
  await notebook.execute('ferrobook:show-timing-panel');
  await panel().locator('svg').waitFor();
}

afterEach(async () => {
  await page.evaluate(() => window.jupyterapp.commands.execute('application:toggle-right-area'));
});

const IN_ORDER = [
  'Python: import numpy, run 120 ms, total 120 ms',
  'Rust: let a = 1 | 2;, compile 900 ms, run 100 ms, total 1.00 s',
  'Python: 1 / 0, run 5.00 ms, total 5.00 ms, failed',
  'Rust: a, compile 8.00 ms, run 1.00 ms, total 9.00 ms, cached',
];

test('it shows all cells, in the order of the notebook or by time, and totals', async () => {
  await openPanel('panel.ipynb');
  expect(await rows()).toEqual(IN_ORDER);
  await panel().getByLabel('Order').selectOption('by time');
  await eventually(async () => {
    expect(await rows()).toEqual([1, 0, 3, 2].map((place) => IN_ORDER[place]));
  });
  const totals = panel().getByRole('table', { name: 'Totals of the languages' });
  expect(await totals.locator('tbody tr').allInnerTexts()).toEqual([
    'cells\t2\t2',
    'compile\t\t908 ms',
    'run\t125 ms\t101 ms',
    'total\t125 ms\t1.01 s',
    'CPU\t125 ms\t1.01 s',
  ]);
  await panel().getByLabel('Order').selectOption('of the notebook');
});

test('a row leads to its cell, by the mouse and by the keyboard', async () => {
  await openPanel('goto.ipynb');
  const active = page.locator('.jp-Notebook-cell.jp-mod-active');
  await panel().locator('.ferrobook-TimingRows a').nth(3).click();
  await eventually(async () => {
    expect(await active.textContent()).toContain('%%rusta');
  });
  await panel().getByLabel('Order').focus();
  // The two buttons that copy come before the rows.
  await notebook.press('Tab', 'Tab', 'Tab', 'Tab', 'Enter');
  await eventually(async () => {
    expect(await active.textContent()).toContain('let a = 1 | 2;');
  });
  expect(page.url()).not.toContain('#');
});

test('it follows the notebook', async () => {
  await openPanel('follow.ipynb');
  // A cell that is run at once may have waited for Python, and have more phases.
  await notebook.runToEnd(2);
  await notebook.runToEnd(2);
  await eventually(async () => {
    expect((await rows())[2]).toMatch(/^Python: never = "run", run [\d.]+ ms/);
  });
  await notebook.execute('ferrobook:clear-timing');
  await panel().getByText('No cell of this notebook has a time yet.').waitFor();
  await notebook.close();
  await open('empty.ipynb', 'ferrobook', '1');
  await panel().getByText('No cell of this notebook has a time yet.').waitFor();
});

test('it copies its table as Markdown and as CSV', async () => {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await openPanel('copy.ipynb');
  const copied = async (format: string): Promise<string> => {
    await panel()
      .getByRole('button', { name: `Copy as ${format}` })
      .click();
    await panel().getByRole('status').getByText(`Copied as ${format}`).waitFor();
    return page.evaluate(() => navigator.clipboard.readText());
  };
  const markdown = (await copied('Markdown')).split('\n').map((line) => line.trim());
  expect(markdown.slice(0, 4).map((line) => line.replace(/ +/g, ' '))).toEqual([
    '| In | language | compile | run | total | CPU | cell |',
    expect.stringMatching(/^\| -+: \| :?-+ \|/),
    '| [1] | python | | 120 ms | 120 ms | 120 ms | `import numpy` |',
    '| [2] | rust | 900 ms | 100 ms | 1.00 s | 1.00 s | `let a = 1 \\| 2;` |',
  ]);
  const csv = (await copied('CSV')).split('\n');
  expect(csv[0]).toBe(
    'cell,execution_count,language,status,cached,started_at,start_ms,compile_ms,snapshot_ms,run_ms,relay_ms,total_ms,cpu_ms,title',
  );
  expect(csv[3]).toBe('4,3,python,error,false,2026-01-01T00:00:00.000Z,0,0,0,5,0,5,5,1 / 0');
});

test.each(['JupyterLab Light', 'JupyterLab Dark'])('%s: everything can be read', async (theme) => {
  await openPanel('theme.ipynb');
  await notebook.useTheme(theme);
  await eventually(async () => {
    for (const text of await panel().locator('th, td, li, label, button').all()) {
      if ((await text.textContent()) === '') continue;
      expect(await contrast(text)).toBeGreaterThan(READABLE);
    }
  });
});
