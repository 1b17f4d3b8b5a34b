import type { Browser, Page } from 'playwright-core';
import { launchBrowser } from './browser';
import { eventually } from './eventually';
import { JupyterLab, type SavedCell } from './jupyterLab';
import { contrast, NotebookPage } from './notebookPage';

/** How long the first Rust cell of a kernel may take, in milliseconds. */
const RUST_START = 60_000;

/** WCAG's least contrast of small text. */
const READABLE = 4.5;

let lab: JupyterLab;
let browser: Browser;
let page: Page;
const pageErrors: Error[] = [];

beforeAll(async () => {
  [lab, browser] = await Promise.all([JupyterLab.start(), launchBrowser()]);
  page = await browser.newPage({ viewport: { width: 1200, height: 900 } });
  page.on('pageerror', (error) => pageErrors.push(error));
  await load();
});

afterAll(async () => {
  await browser.close();
  await lab.stop();
});

afterEach(async () => {
  await notebook.close();
  expect(pageErrors.splice(0)).toEqual([]);
});

/** The one that the running test has opened. */
let notebook: NotebookPage;

async function load(): Promise<void> {
  await page.goto(lab.url);
  await page.locator('.jp-Launcher').waitFor();
}

/** One kernel of each kind serves all tests; its id. */
const kernels = new Map<string, string>();

/** Opens a new notebook; text stands for a code cell. */
async function open(
  name: string,
  kernel: string,
  ...cells: (string | Partial<SavedCell>)[]
): Promise<void> {
  await lab.write(
    name,
    kernel,
    cells.map((cell) => (typeof cell === 'string' ? { source: cell } : cell)),
  );
  notebook = await NotebookPage.open(page, name, kernels.get(kernel));
  kernels.set(kernel, await notebook.kernelId());
}

describe('highlighting', () => {
  const RUST = '%%rust --time\nlet answer = "forty-two";';

  test('a Rust cell is Rust from its first statement on', async () => {
    await open('rust.ipynb', 'ferrobook', RUST, 'let = "no keyword"');
    await eventually(async () => {
      expect(await notebook.colourOf(0, 'let')).not.toBe(await notebook.colourOf(1, 'let'));
      expect(await notebook.colourOf(0, 'answer')).not.toBe(await notebook.colourOf(0, 'let'));
    });
    await expect(notebook.chip(0).textContent()).resolves.toBe('%%rust');
  });

  test("evcxr's commands do not disturb the code below them", async () => {
    await open('dep.ipynb', 'ferrobook', '%%rust\n:dep rand = "0.9"\nlet a = 1;', 'let = 1');
    await eventually(async () => {
      expect(await notebook.colourOf(0, 'let')).not.toBe(await notebook.colourOf(1, 'let'));
    });
  });

  test('it follows the kernel', async () => {
    await lab.write('kernels.ipynb', 'ferrobook', [{ source: RUST }, { source: 'let a = 1' }]);
    notebook = await NotebookPage.open(page, 'kernels.ipynb');
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

describe('timing', () => {
  test('a Python cell shows its time, which is saved with the notebook', async () => {
    await open('timing.ipynb', 'ferrobook', 'print("hello")');
    await notebook.select(0);
    await notebook.press('Control+Enter');
    const LINE = /^python · (start [\d.]+ m?s · )?run [\d.]+ m?s · total [\d.]+ m?s$/;
    await eventually(async () => {
      expect(await notebook.timing(0).textContent()).toMatch(LINE);
    });
    const shown = await notebook.timing(0).textContent();
    await notebook.save();
    const [saved] = await lab.read('timing.ipynb');
    expect(saved?.metadata).toMatchObject({
      ferrobook: { timing: { language: 'python', status: 'ok' } },
    });

    await notebook.close();
    notebook = await NotebookPage.open(page, 'timing.ipynb', kernels.get('ferrobook'));
    await notebook.timing(0).waitFor();
    expect(await notebook.timing(0).textContent()).toBe(shown);

    await notebook.select(0);
    await notebook.execute('notebook:clear-cell-output');
    await notebook.timing(0).waitFor({ state: 'hidden' });
    await notebook.save();
    const [cleared] = await lab.read('timing.ipynb');
    expect(cleared?.metadata).not.toHaveProperty('ferrobook');
  });

  test('a cell that runs again has no time until it is done', async () => {
    await open('again.ipynb', 'ferrobook', 'ran = "ran" in globals() and input("Go on? ")');
    await notebook.select(0);
    await notebook.press('Control+Enter');
    await notebook.timing(0).waitFor();

    await notebook.press('Control+Enter');
    const answer = notebook.cell(0).locator('.jp-Stdin-input');
    await answer.waitFor();
    await expect(notebook.timing(0).isVisible()).resolves.toBe(false);
    await answer.press('Enter');
    await notebook.timing(0).waitFor();
  });

  test('a cell that fails shows its time all the same', async () => {
    await open('fails.ipynb', 'ferrobook', '1 / 0');
    await notebook.select(0);
    await notebook.press('Control+Enter');
    await notebook.timing(0).waitFor();
    await notebook.save();
    const [cell] = await lab.read('fails.ipynb');
    expect(cell?.metadata).toMatchObject({ ferrobook: { timing: { status: 'error' } } });
  });

  test(
    'a Rust cell shows how long it was compiled and how long it ran',
    async () => {
      await open('compiled.ipynb', 'ferrobook', '%%rust\n6 * 7');
      await notebook.select(0);
      await notebook.press('Control+Enter');
      await notebook.timing(0).waitFor({ timeout: RUST_START });
      expect(await notebook.timing(0).textContent()).toMatch(
        /^rust · .*compile [\d.]+ m?s · run [\d.]+ m?s · total [\d.]+ m?s/,
      );
      await expect(notebook.cell(0).locator('.jp-OutputArea-output').textContent()).resolves.toBe(
        '42',
      );
    },
    RUST_START + 20_000,
  );

  test('the settings turn the line and the chip off', async () => {
    await open('settings.ipynb', 'ferrobook', '1', '%%rust\n1');
    await notebook.select(0);
    await notebook.press('Control+Enter');
    await notebook.timing(0).waitFor();
    const background = (): Promise<string> =>
      notebook.chip(1).evaluate((chip) => getComputedStyle(chip).backgroundColor);
    expect(await background()).not.toBe('rgba(0, 0, 0, 0)');
    await notebook.save();
    await notebook.close();

    await lab.set('@ferrobook/extension/plugin', { timing: false, chip: false });
    await load();
    notebook = await NotebookPage.open(page, 'settings.ipynb', kernels.get('ferrobook'));
    await eventually(async () => {
      expect(await background()).toBe('rgba(0, 0, 0, 0)');
    });
    await expect(notebook.timing(0).isVisible()).resolves.toBe(false);

    await lab.set('@ferrobook/extension/plugin', {});
    await load();
    notebook = await NotebookPage.open(page, 'settings.ipynb', kernels.get('ferrobook'));
    await notebook.timing(0).waitFor();
  });
});

test.each(['JupyterLab Light', 'JupyterLab Dark'])('%s: everything can be read', async (theme) => {
  await open('theme.ipynb', 'ferrobook', '1', '%%rust --time\n1');
  await notebook.select(0);
  await notebook.press('Control+Enter');
  await notebook.timing(0).waitFor();
  await notebook.execute('apputils:change-theme', { theme });
  await page.locator(`body[data-jp-theme-name="${theme}"]`).waitFor({ state: 'attached' });

  await eventually(async () => {
    expect(await contrast(notebook.timing(0))).toBeGreaterThan(READABLE);
    expect(await contrast(notebook.chip(1))).toBeGreaterThan(READABLE);
    expect(await contrast(notebook.cell(1).locator('.ferrobook-ChipOptions'))).toBeGreaterThan(
      READABLE,
    );
  });
});
