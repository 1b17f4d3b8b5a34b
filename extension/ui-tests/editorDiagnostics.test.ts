import type { Locator } from 'playwright-core';
import { untilSome } from '../../tests/support/processes';
import { eventually } from './eventually';
import { heldPython, heldRust } from './held';
import { contrast } from './notebookPage';
import {
  afterTimers,
  lab,
  load,
  notebook,
  open as openAs,
  openAlone,
  page,
  READABLE,
  timesAsked,
} from './workbench';

/** A call that rustc knows how to put right. */
const FIXABLE = 'fn first(x: &[i32]) -> i32 { x[0] }\nlet list = vec![1];\nfirst(list)';

/** A cell that the compiler looks at for minutes. */
const SLOW =
  'const fn spin() -> u64 { let mut i = 0u64; while i < 100_000_000_000 { i += 1; } i }\n' +
  '#[allow(long_running_const_eval)] const N: u64 = spin();\nN';

function open(name: string, ...sources: string[]): Promise<void> {
  return openAs(name, 'ferrobook', ...sources);
}

/** Puts text behind a cell's own. */
async function type(index: number, text: string): Promise<void> {
  await notebook.edit(index);
  await notebook.press('Control+End');
  await page.keyboard.insertText(text);
}

function marks(index: number, severity = 'error'): Locator {
  return notebook.cell(index).locator(`.cm-lintRange-${severity}`);
}

/** Points at a mark until its report is there. */
async function pointAt(mark: Locator): Promise<void> {
  await eventually(async () => {
    await notebook.pointAt(mark);
    await tooltip().waitFor({ timeout: 20_000 });
  });
}

const tooltip = (): Locator => page.locator('.cm-tooltip-lint');

async function expectNoMarks(index: number): Promise<void> {
  await eventually(async () => {
    expect(await marks(index).count()).toBe(0);
  });
}

test('an error is marked while it is typed, explained on hover, and gone when its fix is applied', async () => {
  await open('typed.ipynb', '%%rust\n');
  await type(0, FIXABLE);
  await marks(0).waitFor();
  expect(await marks(0).allTextContents()).toEqual(['list']);

  await pointAt(marks(0));
  const text = await tooltip().locator('pre').textContent();
  expect(text).toMatch(/^error\[E0308\]: mismatched types\n --> cell:4:7/);
  expect(text).toContain('4 | first(list)');
  await tooltip().getByRole('button', { name: 'Apply fix: consider borrowing here' }).click();
  await eventually(async () => {
    expect(await notebook.source(0)).toBe(`%%rust\n${FIXABLE.replace('(list)', '(&list)')}`);
  });
  await expectNoMarks(0);
  await notebook.press('Control+z');
  await marks(0).waitFor();
});

test('positions are right beside characters of any width', async () => {
  await open('wide.ipynb', '%%rust\n');
  await type(0, 'let s = "🦀é"; let wrong: i32 = "zwölf 🦀";');
  await marks(0).waitFor();
  expect(await marks(0).allTextContents()).toEqual(['"zwölf 🦀"']);
});

test('a warning is another mark', async () => {
  await open('warning.ipynb', '%%rust\n');
  await type(0, 'fn may_fail() -> Result<(), String> { Ok(()) }\nmay_fail();');
  await marks(0, 'warning').waitFor();
  expect(await marks(0).count()).toBe(0);
  await pointAt(marks(0, 'warning'));
  expect(await tooltip().textContent()).toContain('unused `Result` that must be used');
});

test('a cell that failed has the same marks; one that went well has none', async () => {
  await open('failed.ipynb', '%%rust\nlet a = 1;\nlet b: i32 = "two";', '%%rust\npanic!()');
  await notebook.run(0);
  await marks(0).waitFor();
  expect(await marks(0).allTextContents()).toEqual(['"two"']);
  await pointAt(marks(0));
  expect(await tooltip().textContent()).toContain('cell:3:14');
  await notebook.run(1);
  await notebook.timing(1).waitFor();
  expect(await marks(1).count()).toBe(0);

  await notebook.edit(0);
  await notebook.press(
    'Control+End',
    'ArrowLeft',
    'Control+Shift+ArrowLeft',
    'Control+Shift+ArrowLeft',
  );
  await notebook.press('Shift+ArrowLeft');
  await page.keyboard.insertText(' 2');
  await notebook.run(0);
  await expectNoMarks(0);
});

test('what a cell defines is no error in the others any more', async () => {
  await open('define.ipynb', '%%rust\nfn defined() -> i32 { 1 }', '%%rust\n');
  await type(1, 'defined() + 1');
  await marks(1).waitFor();
  await notebook.run(0);
  await expectNoMarks(1);
});

test('a cell that becomes Python loses its marks', async () => {
  await open('python.ipynb', '%%rust\n');
  await type(0, 'nowhere()');
  await marks(0).waitFor();
  await notebook.chooseType('Code');
  await expectNoMarks(0);
});

test('the keyboard goes from mark to mark, and applies a fix', async () => {
  await open('keys.ipynb', '%%rust\n');
  await type(0, FIXABLE);
  await marks(0).waitFor();
  await notebook.press('Control+Home', 'F8');
  await tooltip().waitFor();
  expect(await tooltip().textContent()).toContain('mismatched types');
  await notebook.press('Control+.');
  await eventually(async () => {
    expect(await notebook.source(0)).toContain('first(&list)');
  });
});

test('a cell that is typed while another runs is checked afterwards', async () => {
  await open('later.ipynb', heldPython('checked'), '%%rust\n');
  await notebook.run(0);
  await notebook.clock(0).waitFor();
  await type(1, 'nowhere()');
  await afterTimers();
  expect(timesAsked('check')).toBe(0);
  expect(await marks(1).count()).toBe(0);
  await expect(page.getByText('Python + Rust | Busy').isVisible()).resolves.toBe(true);
  await lab.touch('checked');
  await marks(1).waitFor();
  expect(timesAsked('check')).toBeGreaterThan(0);
});

test('a cell that is run is not checked, and its kernel is busy until it has ended', async () => {
  await open('run.ipynb', `%%rust\n${heldRust('run')}`);
  await notebook.run(0);
  await eventually(async () => {
    expect(await notebook.clock(0).textContent({ timeout: 1000 })).toMatch(/^Rust · run /);
  });
  await afterTimers();
  expect(timesAsked('check')).toBe(0);
  await expect(page.getByText('Python + Rust | Busy').isVisible()).resolves.toBe(true);
  await lab.touch('run');
  await notebook.timing(0).waitFor();
});

describe('the setting', () => {
  afterAll(async () => {
    await lab.set('@ferrobook/extension/plugin', {});
    await load();
  });

  async function set(value: string): Promise<void> {
    await lab.set('@ferrobook/extension/plugin', { marks: value });
    await load();
  }

  test('after a run: only what a run has found', async () => {
    await set('after a run');
    await open('afterRun.ipynb', '%%rust\n');
    await type(0, 'nowhere()');
    await afterTimers();
    expect(timesAsked('check')).toBe(0);
    expect(await marks(0).count()).toBe(0);
    await notebook.run(0);
    await marks(0).waitFor();
  });

  test('never: nothing', async () => {
    await set('never');
    await open('never.ipynb', '%%rust\n');
    await type(0, 'nowhere()');
    await notebook.run(0);
    await notebook.timing(0).waitFor();
    await afterTimers();
    expect(timesAsked('check')).toBe(0);
    expect(await marks(0).count()).toBe(0);
  });
});

test.each(['JupyterLab Light', 'JupyterLab Dark'])('%s: the report can be read', async (theme) => {
  await open('theme.ipynb', '%%rust\n');
  await notebook.execute('apputils:change-theme', { theme });
  await page.locator(`body[data-jp-theme-name="${theme}"]`).waitFor({ state: 'attached' });
  await type(0, FIXABLE);
  await marks(0).waitFor();
  await pointAt(marks(0));
  await eventually(async () => {
    expect(await contrast(tooltip().locator('pre'))).toBeGreaterThan(READABLE);
    expect(await contrast(tooltip().getByRole('button'))).toBeGreaterThan(READABLE);
  });
});

test('a kernel that dies during a check costs nothing but the check', async () => {
  await openAlone('dies.ipynb', 'ferrobook', 'import os; os.getppid()', '%%rust\n');
  await notebook.run(0);
  await notebook.timing(0).waitFor();
  const kernel = Number(await notebook.output(0));
  await type(1, SLOW);
  const compiling = await untilSome(() =>
    lab.processes().filter(({ command }) => command.includes('--crate-name ctx')),
  );
  expect(compiling).not.toEqual([]);
  process.kill(kernel, 'SIGKILL');
  // JupyterLab says that the kernel has died, and starts another one.
  const dialog = page.locator('.jp-Dialog');
  await dialog.waitFor();
  await dialog.getByRole('button', { name: 'Ok' }).click();
  expect(await notebook.source(1)).toBe(`%%rust\n${SLOW}`);
  await notebook.press('Control+a');
  await page.keyboard.insertText('%%rust\nnowhere()');
  await marks(1).waitFor();
  await notebook.shutDownKernel();
});
