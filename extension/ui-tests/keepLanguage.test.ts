import { eventually } from './eventually';
import { lab, load, notebook, open, openAlone, page } from './workbench';

async function sources(): Promise<string[]> {
  const count = await page.locator('.jp-Notebook .jp-Notebook-cell').count();
  return Promise.all(Array.from({ length: count }, (_, index) => notebook.source(index)));
}

async function expectSources(...expected: string[]): Promise<void> {
  await eventually(async () => {
    expect(await sources()).toEqual(expected);
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

describe.each(['defer', 'full', 'contentVisibility'])('windowing mode %s', (mode) => {
  afterAll(async () => {
    await lab.set('@jupyterlab/notebook-extension/tracker', {});
    await load();
  });

  test('cells far below are coloured and timed when they come into view', async () => {
    await lab.set('@jupyterlab/notebook-extension/tracker', { windowingMode: mode });
    await load();
    const cells = Array.from({ length: 80 }, (_, index) => `%%rust\nlet a${index} = "${index}";`);
    await open(`${mode}.ipynb`, 'ferrobook', ...cells, 'let = "end"');
    await notebook.rendered();
    await notebook.reveal(80);
    await page.locator('.jp-Notebook-cell').last().scrollIntoViewIfNeeded();
    const colours = async (text: string): Promise<string[]> => {
      const cell = page.locator('.jp-Notebook-cell', { hasText: text });
      const words = cell.locator('.cm-line span', { hasText: /^let$/ });
      return words.evaluateAll((all) => all.map((word) => getComputedStyle(word).color));
    };
    await eventually(async () => {
      expect(await colours('let a79')).toHaveLength(1);
      expect(await colours('let a79')).not.toEqual(await colours('"end"'));
    });
    await notebook.press('Control+Enter');
    await page
      .locator('.jp-Notebook-cell', { hasText: '"end"' })
      .getByLabel('Execution time')
      .waitFor();
  });
});
