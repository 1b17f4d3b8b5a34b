import { eventually } from './eventually';
import { contrast } from './notebookPage';
import { lab, notebook, open, openAlone, page, READABLE } from './workbench';

describe('highlighting', () => {
  const RUST = '%%rust --time\nlet answer = "forty-two";';

  test('a Rust cell is Rust from its first statement on', async () => {
    await open('rust.ipynb', 'ferrobook', RUST, 'let = "no keyword"');
    await eventually(async () => {
      expect(await notebook.colourOf(0, 'let')).not.toBe(await notebook.colourOf(1, 'let'));
      expect(await notebook.colourOf(0, 'answer')).not.toBe(await notebook.colourOf(0, 'let'));
    });
  });

  test("evcxr's commands do not disturb the code below them", async () => {
    await open('dep.ipynb', 'ferrobook', '%%rust\n:dep rand = "0.9"\nlet a = 1;', 'let = 1');
    await eventually(async () => {
      expect(await notebook.colourOf(0, 'let')).not.toBe(await notebook.colourOf(1, 'let'));
    });
  });

  test('it follows the kernel', async () => {
    await openAlone('kernels.ipynb', 'ferrobook', RUST, 'let a = 1');
    const plain = await notebook.colourOf(1, 'let');
    await eventually(async () => {
      expect(await notebook.colourOf(0, 'let')).not.toBe(plain);
    });
    const keyword = await notebook.colourOf(0, 'let');

    await notebook.changeKernel('ferrobook-rust');
    await eventually(async () => {
      expect(await notebook.colourOf(1, 'let')).toBe(keyword);
    });
    expect(await notebook.offeredTypes()).toEqual(['-', 'Code', 'Python', 'Markdown', 'Raw']);

    await notebook.changeKernel('python3');
    await eventually(async () => {
      expect(await notebook.colourOf(1, 'let')).toBe(plain);
    });
    expect(await notebook.colourOf(0, 'let')).toBe(keyword);
    await notebook.shutDownKernel();
  });
});

test('a marker is a chip with its options in words, and text where it is edited', async () => {
  await open('chip.ipynb', 'ferrobook', '%%rust --time --no-cache -x\nlet a = 1;', '%%python');
  expect(await notebook.chipText(0)).toBe('Rust · shows its time · always compiled anew · -x');
  expect(await notebook.chipText(1)).toBe('Python');
  await notebook.chip(0).click();
  await eventually(async () => {
    expect(await notebook.chipText(0)).toBe('%%rust');
  });
  await notebook.press('End');
  await page.keyboard.type('y');
  await notebook.press('ArrowDown');
  await eventually(async () => {
    expect(await notebook.chipText(0)).toMatch(/· -xy$/);
  });
  expect(await notebook.source(0)).toBe('%%rust --time --no-cache -xy\nlet a = 1;');
  await notebook.press('ArrowUp', 'Escape');
  await eventually(async () => {
    expect(await notebook.chipText(0)).toMatch(/^Rust · /);
  });
});

describe('cell types', () => {
  test('the toolbar makes a cell Rust and Code again, and the metadata follows', async () => {
    await open('types.ipynb', 'ferrobook', 'x = 1', 'y = 2');
    expect(await notebook.offeredTypes()).toEqual(['-', 'Code', 'Rust', 'Markdown', 'Raw']);

    await notebook.select(0);
    await notebook.chooseType('Rust');
    await eventually(async () => {
      expect(await notebook.source(0)).toBe('%%rust\nx = 1');
      expect(await notebook.shownType()).toBe('Rust');
    });
    await notebook.save();
    const [rust, python] = await lab.read('types.ipynb');
    expect(rust?.source).toBe('%%rust\nx = 1');
    expect(rust?.metadata).toMatchObject({
      magics_language: 'rust',
      vscode: { languageId: 'rust' },
    });
    expect(python?.metadata).not.toHaveProperty('magics_language');

    await notebook.chooseType('Code');
    await eventually(async () => {
      expect(await notebook.source(0)).toBe('x = 1');
    });
    await notebook.save();
    const [again] = await lab.read('types.ipynb');
    expect(again?.metadata).not.toHaveProperty('magics_language');
    expect(again?.metadata).not.toHaveProperty('vscode');
  });

  test('where marker and metadata disagree, saving settles it; other metadata stays', async () => {
    await open(
      'disagree.ipynb',
      'ferrobook',
      { source: '%%rust\nlet a = 1;', metadata: { vscode: { languageId: 'python', other: 1 } } },
      { source: 'a = 1', metadata: { magics_language: 'rust', vscode: { languageId: 'rust' } } },
      { source: 'b = 1', metadata: { vscode: { languageId: 'sql' } } },
    );
    await notebook.save();
    const saved = await lab.read('disagree.ipynb');
    expect(saved.map(({ metadata }) => [metadata['magics_language'], metadata['vscode']])).toEqual([
      ['rust', { languageId: 'rust', other: 1 }],
      [undefined, undefined],
      [undefined, { languageId: 'sql' }],
    ]);
  });

  test('the keyboard does the same', async () => {
    await open('keys.ipynb', 'ferrobook', 'x = 1', 'y = 2');
    await notebook.select(0);
    await notebook.press('Shift+ArrowDown', 'u');
    await eventually(async () => {
      expect(await notebook.source(0)).toBe('%%rust\nx = 1');
      expect(await notebook.source(1)).toBe('%%rust\ny = 2');
    });
    await notebook.press('Shift+ArrowUp', 'p');
    await eventually(async () => {
      expect(await notebook.source(0)).toBe('x = 1');
      expect(await notebook.source(1)).toBe('y = 2');
    });

    await notebook.press('Shift+U', 'Enter');
    await page.keyboard.type('1 + 1');
    await eventually(async () => {
      expect(await notebook.source(1)).toBe('%%rust\n1 + 1');
    });
  });

  test('the toolbar follows a marker that is typed and one that is undone', async () => {
    await open('typed.ipynb', 'ferrobook', '');
    await notebook.edit(0);
    await page.keyboard.type('%%rust');
    await eventually(async () => {
      expect(await notebook.shownType()).toBe('Rust');
    });
    await expect(notebook.chip(0).count()).resolves.toBe(1);
    await notebook.press('Control+z');
    await eventually(async () => {
      expect(await notebook.shownType()).toBe('Code');
    });
  });

  test('Markdown becomes Rust and back', async () => {
    await open('markdown.ipynb', 'ferrobook', { source: 'words', cell_type: 'markdown' });
    await notebook.cell(0).click();
    await notebook.chooseType('Rust');
    await eventually(async () => {
      expect(await notebook.source(0)).toBe('%%rust\nwords');
    });
    await notebook.chooseType('Markdown');
    await notebook.save();
    const [cell] = await lab.read('markdown.ipynb');
    expect(cell).toMatchObject({ cell_type: 'markdown', source: 'words' });
  });

  test("a notebook that is not Ferrobook's stays what it is", async () => {
    await open('foreign.ipynb', 'python3', {
      source: 'a = 1',
      metadata: { vscode: { languageId: 'rust' } },
    });
    expect(await notebook.offeredTypes()).toEqual(['-', 'Code', 'Markdown', 'Raw']);
    await notebook.select(0);
    await notebook.press('u');
    await notebook.save();
    const [cell] = await lab.read('foreign.ipynb');
    expect(cell?.source).toBe('a = 1');
    expect(cell?.metadata['vscode']).toEqual({ languageId: 'rust' });
  });
});

test.each(['JupyterLab Light', 'JupyterLab Dark'])('%s: everything can be read', async (theme) => {
  await open('theme.ipynb', 'ferrobook', '1', '%%rust --time\n1');
  await notebook.select(0);
  await notebook.press('Control+Enter');
  await notebook.timing(0).waitFor();
  await notebook.useTheme(theme);

  await eventually(async () => {
    expect(await contrast(notebook.timing(0))).toBeGreaterThan(READABLE);
    expect(await contrast(notebook.chip(1))).toBeGreaterThan(READABLE);
  });
});
