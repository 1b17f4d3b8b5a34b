import type { Locator } from 'playwright-core';
import { eventually } from './eventually';
import type { NotebookPage } from './notebookPage';
import { lab, notebook, open, openAlone, openBeside, page } from './workbench';

async function expectSources(...expected: string[]): Promise<void> {
  await eventually(async () => {
    expect(await notebook.sources()).toEqual(expected);
  });
}

test('a selection is changed, and the change undone, in one step', async () => {
  await open(
    'undo.ipynb',
    'ferrobook',
    'x = 1',
    { source: 'words', cell_type: 'markdown' },
    '%%rust\nlet y = 2;',
    'z = 3',
  );
  await notebook.select(0);
  await notebook.press('Shift+ArrowDown', 'Shift+ArrowDown', 'u');
  const changed = ['%%rust\nx = 1', '%%rust\nwords', '%%rust\nlet y = 2;', 'z = 3'];
  await expectSources(...changed);
  await page.waitForTimeout(600); // what follows sooner is one step to JupyterLab
  await notebook.press('z');
  await expectSources('x = 1', 'words', '%%rust\nlet y = 2;', 'z = 3');
  await notebook.save();
  const saved = await lab.read('undo.ipynb');
  expect(saved.map((cell) => cell.cell_type)).toEqual(['code', 'markdown', 'code', 'code']);
  await notebook.press('Shift+z');
  await expectSources(...changed);
});

test('a Rust cell that JupyterLab makes Markdown is the same Rust cell afterwards', async () => {
  await open('text.ipynb', 'ferrobook', '%%rust --time\nlet a = 1;');
  await notebook.select(0);
  await notebook.press('m');
  await eventually(async () => {
    expect(await notebook.shownType()).toBe('Markdown');
  });
  await notebook.select(0);
  await notebook.chooseType('Rust');
  await expectSources('%%rust --time\nlet a = 1;');
});

test('the pieces of a split Rust cell are Rust, and the split can be undone', async () => {
  await open('split.ipynb', 'ferrobook', '%%rust\nlet a = 1;\nlet b = 2;', 'c = 3\nd = 4');
  await notebook.edit(0);
  await notebook.press('Control+End', 'Home', 'Control+Shift+Minus');
  await expectSources('%%rust\nlet a = 1;', '%%rust\nlet b = 2;', 'c = 3\nd = 4');
  await page.waitForTimeout(600);
  await notebook.press('Escape', 'z');
  await expectSources('%%rust\nlet a = 1;\nlet b = 2;', 'c = 3\nd = 4');

  await notebook.edit(1);
  await notebook.press('Control+End', 'Home', 'Control+Shift+Minus');
  await expectSources('%%rust\nlet a = 1;\nlet b = 2;', 'c = 3', 'd = 4');
});

test('merged cells are what the active one was, with one marker', async () => {
  await open(
    'merge.ipynb',
    'ferrobook',
    '%%rust\nlet a = 1;',
    '%%rust --time\nlet b = 2;',
    'c = 3',
  );
  await notebook.select(0);
  await notebook.press('Shift+ArrowDown', 'Shift+M');
  await expectSources('%%rust\nlet a = 1;\n\nlet b = 2;', 'c = 3');
  await page.waitForTimeout(600);
  await notebook.press('z');
  await expectSources('%%rust\nlet a = 1;', '%%rust --time\nlet b = 2;', 'c = 3');
  await notebook.select(2);
  await notebook.execute('notebook:merge-cell-above');
  await expectSources('%%rust\nlet a = 1;', 'let b = 2;\n\nc = 3');
});

test('copies keep their language, in a notebook with another default, too', async () => {
  await openAlone('rust-default.ipynb', 'ferrobook-rust', 'let r = 1;', '%%python\np = 1');
  await notebook.select(0);
  await notebook.press('Shift+ArrowDown');
  await notebook.execute('notebook:copy-cell');
  await notebook.shutDownKernel();
  await notebook.close();

  await open('python-default.ipynb', 'ferrobook', 'own = 1');
  await notebook.select(0);
  await notebook.execute('notebook:paste-cell-below');
  await expectSources('own = 1', '%%rust\nlet r = 1;', '%%python\np = 1');
  await notebook.execute('notebook:paste-cell-below');
  await expectSources(
    'own = 1',
    '%%rust\nlet r = 1;',
    '%%python\np = 1',
    '%%rust\nlet r = 1;',
    '%%python\np = 1',
  );
});

/** Drags the selected cells by the prompt of one of them to the prompt of a cell of another notebook. */
async function drag(source: Locator, target: Locator): Promise<void> {
  const [from, to] = [await source.boundingBox(), await target.boundingBox()];
  if (from === null || to === null)
    throw new Error('there is nothing to drag, or no place to drop it');
  await page.mouse.move(from.x + from.width / 2, from.y + from.height / 2);
  await page.mouse.down();
  await page.mouse.move(to.x + to.width / 2, to.y + to.height / 2, { steps: 10 });
  await page.mouse.up();
}

test('cells that are dragged to a notebook with another default keep their language', async () => {
  await open(
    'drag-from.ipynb',
    'ferrobook',
    'own = 1',
    '%%rust\nlet r = 1;',
    { source: 'words', cell_type: 'markdown' },
    'p = 1',
  );
  const python = notebook;
  await openBeside('drag-to.ipynb', 'ferrobook-rust', 'let own = 1;', '%%python\np = 2');
  const rust = notebook;
  const prompt = (of: NotebookPage, index: number): Locator =>
    of.cell(index).locator('.jp-InputPrompt');

  await python.select(1);
  await python.press('Shift+ArrowDown', 'Shift+ArrowDown');
  await drag(prompt(python, 1), prompt(rust, 1));
  const arrived = ['%%rust\nlet r = 1;', 'words', '%%python\np = 1'];
  await expectSources('let own = 1;', ...arrived, '%%python\np = 2');
  await rust.press('z');
  await expectSources('let own = 1;', '%%python\np = 2');
  await drag(prompt(python, 1), prompt(rust, 1));
  await expectSources('let own = 1;', ...arrived, '%%python\np = 2');

  await rust.select(0);
  await drag(prompt(rust, 0), prompt(python, 0));
  await eventually(async () => {
    expect(await python.sources()).toEqual([
      '%%rust\nlet own = 1;',
      'own = 1',
      '%%rust\nlet r = 1;',
      'words',
      'p = 1',
    ]);
  });
  await rust.shutDownKernel();
});

test('cells that are dragged to another place of their notebook stay as they are', async () => {
  await open('move.ipynb', 'ferrobook', 'a = 1', '%%rust\nlet r = 1;', 'b = 2');
  await notebook.select(2);
  await drag(
    notebook.cell(2).locator('.jp-InputPrompt'),
    notebook.cell(0).locator('.jp-InputPrompt'),
  );
  await expectSources('b = 2', 'a = 1', '%%rust\nlet r = 1;');
});
