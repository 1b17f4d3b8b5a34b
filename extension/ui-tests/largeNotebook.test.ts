import { eventually } from './eventually';
import { LARGE, largeNotebook, longRustCell } from './largeNotebook';
import { notebook, open, page } from './workbench';

test('a notebook of 300 cells opens, scrolls, and has its chips, times and panel', async () => {
  const cells = largeNotebook();
  await open('many.ipynb', 'ferrobook', ...cells);
  await notebook.rendered();
  for (const share of [1, 0.5, 0]) {
    const index = Math.round(share * (LARGE - 1));
    await notebook.reveal(index);
    await notebook.cell(index).scrollIntoViewIfNeeded();
    await expect(notebook.cell(index).isVisible()).resolves.toBe(true);
  }
  const count = (of: (cell: (typeof cells)[number]) => boolean): number => cells.filter(of).length;
  const rust = count(({ source = '' }) => source.startsWith('%%rust'));
  const code = count(({ cell_type }) => cell_type === undefined);
  await eventually(async () => {
    expect(await notebook.cells().count()).toBe(LARGE);
    expect(await notebook.cells().locator('.ferrobook-Chip').count()).toBe(rust);
    expect(await notebook.cells().getByLabel('Execution time').count()).toBe(code);
  });

  await notebook.execute('ferrobook:show-timing-panel');
  await eventually(async () => {
    expect(await page.locator('.ferrobook-TimingRows a').count()).toBe(code);
  });
  await notebook.execute('application:toggle-right-area');
});

test('a Rust cell of 10,000 lines can be edited', async () => {
  const source = longRustCell();
  await open('long.ipynb', 'ferrobook', source);
  await notebook.edit(0);
  await notebook.press('Control+Home', 'ArrowDown', 'Home');
  await page.keyboard.type('// twenty characters\n');
  await notebook.press('Control+End');
  await page.keyboard.type('\na9999');
  await eventually(async () => {
    expect(await notebook.source(0)).toBe(
      `${source.replace('\n', '\n// twenty characters\n')}\na9999`,
    );
  });
  await notebook.press('Control+Home', 'ArrowDown', 'ArrowDown');
  await eventually(async () => {
    expect(await notebook.colourOf(0, 'let')).not.toMatch(/^no /);
    expect(await notebook.colourOf(0, 'let')).not.toBe(await notebook.colourOf(0, 'a0'));
  });
});
