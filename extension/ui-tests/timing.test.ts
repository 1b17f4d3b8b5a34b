import { eventually } from './eventually';
import { heldPython, heldRust } from './held';
import { contrast } from './notebookPage';
import { RECORD } from './timedCell';
import {
  afterTimers,
  lab,
  load,
  notebook,
  open,
  openAlone,
  page,
  READABLE,
  reopen,
} from './workbench';

/** What the line says, running or not. */
async function shownTime(index: number): Promise<string | null> {
  return notebook.cell(index).locator('.ferrobook-Timing').textContent();
}

/** The seconds that a cell has run, by its line. */
function secondsRun(line: string | null): number {
  return Number(/run ([\d.]+) s/.exec(line ?? '')?.[1]);
}

describe('the line below a cell', () => {
  test('a Python cell shows its time, which is saved with the notebook', async () => {
    await open('timing.ipynb', 'ferrobook', 'print("hello")');
    await notebook.run(0);
    const LINE = /^Python · (start [\d.]+ m?s · )?run [\d.]+ m?s$/;
    await eventually(async () => {
      expect(await shownTime(0)).toMatch(LINE);
    });
    const shown = await shownTime(0);
    await notebook.save();
    const [saved] = await lab.read('timing.ipynb');
    expect(saved?.metadata).toMatchObject({
      ferrobook: { timing: { language: 'python', status: 'ok' } },
    });

    await notebook.close();
    await reopen('timing.ipynb', 'ferrobook');
    await notebook.timing(0).waitFor();
    expect(await shownTime(0)).toBe(shown);

    await notebook.select(0);
    await notebook.execute('notebook:clear-cell-output');
    await notebook.timing(0).waitFor({ state: 'hidden' });
    await notebook.save();
    const [cleared] = await lab.read('timing.ipynb');
    expect(cleared?.metadata).not.toHaveProperty('ferrobook');
  });

  test('its hover shows all phases, the total and the CPU time', async () => {
    await open('hover.ipynb', 'ferrobook', {
      source: '%%rust\n1',
      execution_count: 1,
      metadata: { ferrobook: { timing: { ...RECORD, queuedMs: 1200 } } },
    });
    await eventually(async () => {
      expect(await shownTime(0)).toBe('Rust · compile 113 ms · run 0.31 ms');
    });
    expect((await notebook.timing(0).getAttribute('title'))?.split('\n').slice(0, -1)).toEqual([
      'compile 113 ms',
      'snapshot 0.20 ms',
      'run 0.31 ms',
      'relay 0.50 ms',
      'total 114 ms',
      'CPU 95.2 ms',
      'waited 1.20 s for other cells',
    ]);
  });

  test('a running cell has a clock with the phase, and one behind it waits', async () => {
    await open(
      'clock.ipynb',
      'ferrobook',
      `${heldPython('first')}\ntime.sleep(2)`,
      `%%rust\n${heldRust('second')}\nstd::thread::sleep(std::time::Duration::from_millis(1500)); 6 * 7`,
    );
    await notebook.run(0);
    await notebook.run(1);
    await eventually(async () => {
      expect(await shownTime(0)).toMatch(/^Python · run \d+\.\d s$/);
      expect(await shownTime(1)).toBe('Rust · waiting');
    });
    expect(await notebook.clock(0).getAttribute('role')).toBe('timer');
    const early = await shownTime(0);
    await eventually(async () => {
      expect(await shownTime(0)).not.toBe(early);
    });
    await lab.touch('first');
    await eventually(async () => {
      expect(await shownTime(0)).toMatch(/^Python · (start [\d.]+ m?s · )?run [\d.]+ s$/);
      await expect(notebook.clock(0).count()).resolves.toBe(0);
      expect(await shownTime(1)).toMatch(/^Rust · run \d\.\d s$/);
    });
    expect(secondsRun(await shownTime(0))).toBeGreaterThanOrEqual(2);
    await lab.touch('second');
    await eventually(async () => {
      expect(await shownTime(1)).toMatch(
        /^Rust · (start [\d.]+ m?s · )?compile [\d.]+ m?s · run [\d.]+ s( · cached)?$/,
      );
    });
    expect(secondsRun(await shownTime(1))).toBeGreaterThanOrEqual(1.5);
  });

  test('a page that is loaded while a cell runs shows its clock', async () => {
    await open('reload.ipynb', 'ferrobook', 'import time; time.sleep(600)');
    await notebook.save();
    await notebook.run(0);
    await eventually(async () => {
      expect(await shownTime(0)).toMatch(/^Python · run/);
    });
    await load();
    await reopen('reload.ipynb', 'ferrobook', { busy: true });
    await eventually(async () => {
      expect(await shownTime(0)).toMatch(/^Python · run \d+\.\d s$/);
    });
    await notebook.execute('kernelmenu:interrupt');
    await notebook.clock(0).waitFor({ state: 'hidden' });
  });

  test('marks tell of a cell that failed, and of one that was compiled earlier', async () => {
    await open('marks.ipynb', 'ferrobook', '1 / 0', '%%rust\n"a mark".len()');
    await notebook.run(0);
    await eventually(async () => {
      expect(await shownTime(0)).toMatch(/^Python · .*run [\d.]+ m?s · failed$/);
    });
    await notebook.save();
    const [cell] = await lab.read('marks.ipynb');
    expect(cell?.metadata).toMatchObject({ ferrobook: { timing: { status: 'error' } } });

    await notebook.run(1);
    await eventually(async () => {
      expect(await shownTime(1)).toMatch(/^Rust · .*compile .* · run [\d.]+ m?s$/);
    });
    await notebook.runToEnd(1);
    await eventually(async () => {
      // Right after its first cell, Rust may be warming up, and a cell that comes then has waited for it.
      expect(await shownTime(1)).toMatch(
        /^Rust · (start [\d.]+ m?s · )?compile .* · run [\d.]+ m?s · cached$/,
      );
    });
    for (const theme of ['JupyterLab Light', 'JupyterLab Dark']) {
      await notebook.useTheme(theme);
      for (const mark of await page.locator('.ferrobook-TimingMark').all()) {
        expect(await contrast(mark)).toBeGreaterThan(READABLE);
      }
    }
  });

  test('the settings turn it off, and the chip', async () => {
    await open('settings.ipynb', 'ferrobook', '1', '%%rust\n1');
    await notebook.run(0);
    await notebook.timing(0).waitFor();
    const background = (): Promise<string> =>
      notebook.chip(1).evaluate((chip) => getComputedStyle(chip).backgroundColor);
    expect(await background()).not.toBe('rgba(0, 0, 0, 0)');
    await notebook.save();
    await notebook.close();

    await lab.set('@ferrobook/extension/plugin', { timing: false, chip: false });
    await load();
    await reopen('settings.ipynb', 'ferrobook');
    await eventually(async () => {
      expect(await background()).toBe('rgba(0, 0, 0, 0)');
    });
    await notebook.runToEnd(0);
    await afterTimers();
    await expect(notebook.timing(0).isVisible()).resolves.toBe(false);

    await lab.set('@ferrobook/extension/plugin', {});
    await load();
    await reopen('settings.ipynb', 'ferrobook');
    await notebook.timing(0).waitFor();
  });

  test('times that are not to be saved last as long as the page', async () => {
    await lab.set('@ferrobook/extension/plugin', { saveTiming: false });
    await load();
    await open('unsaved.ipynb', 'ferrobook', '1');
    await notebook.run(0);
    await notebook.timing(0).waitFor();
    await notebook.save();
    const [cell] = await lab.read('unsaved.ipynb');
    expect(cell?.metadata).not.toHaveProperty('ferrobook');
    await lab.set('@ferrobook/extension/plugin', {});
    await load();
    await reopen('unsaved.ipynb', 'ferrobook');
  });

  test('a command clears the times of all cells', async () => {
    const timed = {
      source: '1',
      execution_count: 1,
      metadata: { ferrobook: { timing: RECORD, other: 1 } },
    };
    await open('clear.ipynb', 'ferrobook', timed, timed);
    await notebook.timing(1).waitFor();
    await notebook.execute('ferrobook:clear-timing');
    await notebook.timing(1).waitFor({ state: 'hidden' });
    await notebook.save();
    const saved = await lab.read('clear.ipynb');
    expect(saved.map(({ metadata }) => metadata['ferrobook'])).toEqual([
      { other: 1 },
      { other: 1 },
    ]);
  });
});

describe("what is not Ferrobook's", () => {
  test("somebody else's metadata in our place stay as they were", async () => {
    const foreign = [
      'a text',
      7,
      null,
      ['list'],
      { timing: 'a text' },
      { timing: { version: 'two' } },
      { timing: { ...RECORD, phases: [null, { name: 7 }] } },
    ];
    await open(
      'metadata.ipynb',
      'ferrobook',
      ...foreign.map((ferrobook) => ({ source: '1', execution_count: 1, metadata: { ferrobook } })),
      { source: '1', execution_count: 1, metadata: { ferrobook: { timing: RECORD } } },
    );
    await notebook.timing(foreign.length).waitFor();
    for (const index of [0, 1, 2, 3, 4, 5]) {
      await expect(notebook.timing(index).isVisible()).resolves.toBe(false);
      await notebook.run(index);
      await notebook.timing(index).waitFor();
    }
    await notebook.save();
    const saved = await lab.read('metadata.ipynb');
    const kept = saved.slice(0, foreign.length).map(({ metadata }) => metadata['ferrobook']);
    expect(kept).toEqual(foreign);
  });

  test('a notebook of another kernel shows no clock and no time', async () => {
    await open('python.ipynb', 'python3', 'import time; time.sleep(0.5)');
    await notebook.run(0);
    await eventually(async () => {
      expect(await notebook.cell(0).locator('.jp-InputPrompt').textContent()).toMatch(/^\[\d+\]/);
    });
    await afterTimers();
    await expect(notebook.timing(0).count()).resolves.toBe(0);
  });
});

test('a kernel that dies while a cell runs takes the clock along', async () => {
  await openAlone(
    'dies.ipynb',
    'ferrobook',
    'import time; time.sleep(600)',
    'import os; os.getppid()',
  );
  await notebook.run(1);
  const output = notebook.cell(1).locator('.jp-OutputArea-output');
  await output.waitFor();
  const kernel = Number(await output.textContent());
  await notebook.run(0);
  await eventually(async () => {
    expect(await shownTime(0)).toMatch(/^Python · run/);
  });
  process.kill(kernel, 'SIGKILL');
  await page.getByRole('button', { name: 'Ok' }).click();
  await notebook.clock(0).waitFor({ state: 'hidden' });
  await notebook.run(1);
  await eventually(async () => {
    expect(Number(await output.textContent())).not.toBe(kernel);
    expect(await shownTime(1)).toMatch(/^Python · .*run [\d.]+ m?s$/);
  });
  await notebook.shutDownKernel();
});
