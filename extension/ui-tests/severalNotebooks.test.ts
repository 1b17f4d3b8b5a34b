import type { Locator } from 'playwright-core';
import { eventually } from './eventually';
import { notebook, openAlone, openBeside, openView, page, restart, rustStatus } from './workbench';
import type { NotebookPage } from './notebookPage';

const SLOW = '%%rust\nstd::thread::sleep(std::time::Duration::from_secs(600));';

async function expectOutput(of: NotebookPage, index: number, text: string): Promise<void> {
  await eventually(async () => {
    expect(await of.output(index)).toContain(text);
  });
}

function panel(name: string): Locator {
  return page.getByRole('region', { name });
}

/** The names of the variables that the panel lists. */
async function variables(): Promise<string[]> {
  return panel('Variables').locator('.ferrobook-VariableName').allInnerTexts();
}

test('two notebooks have kernels of their own, and the panels are about the current one', async () => {
  await openAlone(
    'left.ipynb',
    'ferrobook',
    'left = "Python of the left"',
    '%%rust\nlet left_rust = "Rust of the left"; println!("{left_rust}");',
    SLOW,
    'left',
    '%%rust\nleft_rust',
  );
  const left = notebook;
  await openBeside(
    'right.ipynb',
    'ferrobook-rust',
    'let right_rust = "Rust of the right"; println!("{right_rust}");',
    '%%python\nright = "Python of the right"',
    'right_rust',
    '%%python\nright',
  );
  const right = notebook;
  await right.execute('ferrobook:show-variables-panel');
  for (const cell of [0, 1]) {
    await left.run(cell);
    await right.run(cell);
  }
  await expectOutput(left, 1, 'Rust of the left');
  await expectOutput(right, 0, 'Rust of the right');
  await eventually(async () => {
    expect(await variables()).toEqual(['right', 'right_rust']);
  });
  await left.activate();
  await eventually(async () => {
    expect(await variables()).toEqual(['left', 'left_rust']);
  });

  await left.run(2);
  await eventually(async () => {
    expect(await rustStatus()).toBe('Rust: running');
    expect(await left.clock(2).textContent()).toMatch(/^Rust · run /);
  });
  await right.run(2);
  await expectOutput(right, 2, 'Rust of the right');
  await eventually(async () => {
    expect(await rustStatus()).toBe('Rust: ready');
  });
  expect(await left.clock(2).textContent()).toMatch(/^Rust · run /);

  await left.activate();
  await left.execute('kernelmenu:interrupt');
  await left.clock(2).waitFor({ state: 'hidden' });
  await left.run(4);
  await expectOutput(left, 4, 'Rust of the left');

  await restart('Rust');
  await eventually(async () => {
    expect(await rustStatus()).toBe('Rust: restarted');
  });
  await left.run(3);
  await expectOutput(left, 3, 'Python of the left');
  await left.run(4);
  await expectOutput(left, 4, 'E0425');
  await right.activate();
  await eventually(async () => {
    expect(await rustStatus()).toBe('Rust: ready');
  });
  await right.run(2);
  await right.run(3);
  await expectOutput(right, 2, 'Rust of the right');
  await expectOutput(right, 3, 'Python of the right');

  const titles = panel('Timing').locator('.ferrobook-TimingRows a');
  await right.execute('ferrobook:show-timing-panel');
  await eventually(async () => {
    expect(await titles.count()).toBe(4);
  });
  await left.activate();
  await eventually(async () => {
    expect(await titles.count()).toBe(5);
  });
  await right.execute('application:toggle-right-area');
  await left.shutDownKernel();
  await right.shutDownKernel();
});

test('a second view of a notebook has the same times and marks, and keeps them when the first is closed', async () => {
  await openAlone('views.ipynb', 'ferrobook', '"run".upper()', '%%rust\nnowhere();', '%%rust\n');
  const first = notebook;
  await first.run(1);
  await expectOutput(first, 1, 'E0425');
  const marks = (of: NotebookPage, index: number): Locator =>
    of.cell(index).locator('.cm-lintRange-error');
  await marks(first, 1).waitFor();
  await openView();
  const second = notebook;
  expect(await marks(second, 1).allTextContents()).toEqual(['nowhere']);
  expect(await second.chipText(1)).toBe('Rust');
  expect(await second.timing(1).textContent()).toBe(await first.timing(1).textContent());

  await second.run(0);
  for (const view of [first, second]) {
    await eventually(async () => {
      expect(await view.timing(0).textContent()).toMatch(/^Python · .*run /);
    });
  }
  await second.edit(2);
  await second.press('Control+End');
  await page.keyboard.insertText('let wrong: i32 = "two";');
  for (const view of [first, second]) {
    await marks(view, 2).waitFor();
    expect(await marks(view, 2).allTextContents()).toEqual(['"two"']);
  }

  await first.close();
  await second.edit(2);
  await second.press('Control+a');
  await page.keyboard.insertText('%%rust\nlet right: i32 = 2;');
  await marks(second, 2).waitFor({ state: 'hidden' });
  await second.run(2);
  await second.timing(2).waitFor();
  await second.shutDownKernel();
});

test('a console of the same kernel runs Rust, and what it does is seen in the panel of the notebook', async () => {
  await openAlone('console.ipynb', 'ferrobook', 'own = 1');
  await notebook.run(0);
  await notebook.timing(0).waitFor();
  await notebook.execute('ferrobook:show-variables-panel');
  await notebook.execute('notebook:create-console');
  const prompt = page.locator('.jp-CodeConsole-promptCell');
  await prompt.locator('.cm-content').click();
  await page.keyboard.insertText('%%rust\nlet typed = "in a console"; println!("{typed}");');
  await notebook.press('Shift+Enter');
  const ran = page.locator('.jp-CodeConsole-content .jp-CodeCell').last();
  await ran.getByText('in a console', { exact: true }).waitFor();
  expect(await ran.locator('.ferrobook-Chip').innerText()).toBe('Rust');
  await eventually(async () => {
    expect(await variables()).toEqual(['own', 'typed']);
  });
  expect(await notebook.timing(0).textContent()).toMatch(/^Python · /);
  await notebook.execute('application:toggle-right-area');
  await notebook.execute('application:close');
  await notebook.shutDownKernel();
});
