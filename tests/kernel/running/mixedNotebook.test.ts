import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Kernel, startSharedKernel } from '../../support/kernel';
import type { Request } from '../../support/request';
import type { Json } from '../../support/wire';

let kernel: Kernel;
beforeAll(async () => {
  kernel = await startSharedKernel();
});

/** The number of the next cell. */
async function upcoming(): Promise<number> {
  return ((await kernel.execute('pass').result())['execution_count'] as number) + 1;
}

let gates = 0;

/** These cells, which begin to run when all of them are in the queue: a cell that has failed before aborts none to come. */
async function queuedTogether(...codes: string[]): Promise<Request[]> {
  gates += 1;
  const flag = path.join(kernel.process.directory, `open-${gates}`);
  const wait = `import os, time\nwhile not os.path.exists("${flag}"): time.sleep(.01)`;
  const gate = kernel.execute(wait, { silent: true });
  const cells = codes.map((code) => kernel.execute(code));
  // What was sent before it on the same channel is in the queue by then.
  await expect(kernel.kernelInfo()).toReplyOk();
  writeFileSync(flag, '');
  await expect(gate).toShow();
  return cells;
}

describe('one counter', () => {
  test('both languages count on, and Python knows its own number in a traceback', async () => {
    const first = await upcoming();
    await expect(kernel.execute('%%rust\nlet a = 1;')).toReplyOk({ execution_count: first });
    await expect(kernel.execute('%%rust\na + 1')).toReplyOk({ execution_count: first + 1 });
    await expect(kernel.execute('1 / 0')).toFailWith({
      ename: 'ZeroDivisionError',
      traceback: `In[${first + 2}], line 1`,
    });
    await expect(kernel.execute('%%rust\nlet b = 2;')).toReplyOk({ execution_count: first + 3 });
    kernel.takeProblems();
  });

  test('In holds the cells of both languages under their numbers', async () => {
    const first = await upcoming();
    const rust = '%%rust\nlet s = "größe";';
    await expect(kernel.execute(rust)).toShow();
    // IPython keeps a cell with a magic as the call that stands for it.
    const call = `"get_ipython().run_cell_magic('rust', '', %r)" % ${JSON.stringify(rust)}`;
    await expect(kernel.execute(`In[${first}] == ${call}`)).toShow({
      result: { 'text/plain': 'True' },
    });
  });

  /** IPython asks its last stored cell whether it ended in `;`, and that was a Rust cell. */
  test('a Python cell outside of the history shows its value behind a Rust cell', async () => {
    await expect(kernel.execute('%%rust\nlet s: &\'static str = "a";')).toShow();
    await expect(kernel.execute('1 + 1', { store_history: false })).toShow({
      result: { 'text/plain': '2' },
    });
  });

  test('a Rust cell that is silent or kept out of the history has no number', async () => {
    const first = await upcoming();
    await expect(kernel.execute('%%rust\nprintln!("hidden");', { silent: true })).toShow();
    await expect(kernel.execute('%%rust\n', { store_history: false })).toShow();
    await expect(kernel.execute('pass')).toReplyOk({ execution_count: first });
  });
});

describe('one queue', () => {
  test('cells of both languages run in the order in which they were sent', async () => {
    const runs = ['1', '%%rust\n2', '3', '%%rust\n4'].map((code) => kernel.execute(code));
    const counts: unknown[] = [];
    for (const [index, run] of runs.entries()) {
      await expect(run).toShow({ result: { 'text/plain': String(index + 1) } });
      counts.push((await run.result())['execution_count']);
    }
    const [first = 0] = counts as number[];
    expect(counts).toEqual([first, first + 1, first + 2, first + 3]);
  });

  test('a Rust error aborts the queued Python cell', async () => {
    const [failing, queued] = await queuedTogether('%%rust\nlet x: u8 = 256;', 'print("never")');
    await expect(failing).toFailWith({ ename: 'overflowing_literals' });
    await expect(queued).toBeAborted();
    await expect(kernel.execute('"goes on"')).toShow({ result: { 'text/plain': "'goes on'" } });
  });

  test('a Python error aborts the queued Rust cell, and everything behind it', async () => {
    const [failing, ...queued] = await queuedTogether(
      '1 / 0',
      '%%rust\nprintln!("never");',
      'print("never")',
      '%%rust\n1',
    );
    await expect(failing).toFailWith({ ename: 'ZeroDivisionError' });
    for (const run of queued) await expect(run).toBeAborted();
  });

  test('with stop_on_error false the queue goes on', async () => {
    const failing = [
      kernel.execute('1 / 0', { stop_on_error: false }),
      kernel.execute('%%rust\nnowhere();', { stop_on_error: false }),
    ];
    const last = kernel.execute('"reached"');
    await expect(failing[0]).toFailWith({ ename: 'ZeroDivisionError' });
    await expect(failing[1]).toFailWith({ ename: 'E0425' });
    await expect(last).toShow({ result: { 'text/plain': "'reached'" } });
  });

  test('an aborted cell gets no number', async () => {
    const first = await upcoming();
    const [failing, queued] = await queuedTogether('1 / 0', '"never"');
    await expect(failing).toFailWith({ ename: 'ZeroDivisionError' });
    await expect(queued).toBeAborted();
    await expect(kernel.execute('pass')).toReplyOk({ execution_count: first + 1 });
  });

  test('other requests are answered in the meantime, and are never aborted', async () => {
    const failing = kernel.execute('raise SystemError("stop")');
    const info = kernel.kernelInfo();
    const complete = kernel.isComplete('for');
    await expect(failing).toFailWith({ ename: 'SystemError' });
    await expect(info).toReplyOk();
    expect(await complete.result()).toMatchObject({ status: 'invalid' });
  });

  test('an interrupt stops the running cell and aborts those behind it, in both languages', async () => {
    const running = kernel.execute('%%rust\nprintln!("looping"); loop {}');
    await running.nextText('looping\n');
    const queued = ['print("never")', '%%rust\nprintln!("never");'].map((code) =>
      kernel.execute(code),
    );
    // What was sent before it on the same channel is in the queue by then.
    await expect(kernel.kernelInfo()).toReplyOk();
    await expect(kernel.interrupt()).toReplyOk();
    await expect(running).toFailWith({ ename: 'Interrupted' });
    for (const run of queued) await expect(run).toBeAborted();
    await expect(kernel.execute('"goes on"')).toShow({ result: { 'text/plain': "'goes on'" } });
  });

  test('an interrupt of a Rust cell leaves Python alone, and the other way round', async () => {
    await expect(
      kernel.execute(
        'import threading, time\nticks = []\ndef tick():\n    while len(ticks) < 10_000:\n' +
          '        ticks.append(1); time.sleep(0.001)\nthreading.Thread(target=tick, daemon=True).start()',
      ),
    ).toShow();
    await expect(kernel.execute('%%rust\nlet mut kept = vec![1, 2, 3];')).toShow();
    const rust = kernel.execute('%%rust\nprintln!("looping"); loop {}');
    await rust.nextText('looping\n');
    await expect(kernel.interrupt()).toReplyOk();
    await expect(rust).toFailWith({ ename: 'Interrupted' });
    const python = kernel.execute('before = len(ticks)\nprint("looping")\nwhile True: pass');
    await python.nextText('looping\n');
    await expect(kernel.interrupt()).toReplyOk();
    await expect(python).toFailWith({ ename: 'KeyboardInterrupt' });
    await expect(kernel.execute('%%rust\nkept.len()')).toShow({ result: { 'text/plain': '3' } });
    await expect(kernel.execute('ticks.extend([1] * 10_000)\nbefore > 0')).toShow({
      result: { 'text/plain': 'True' },
    });
  });
});

describe('one history', () => {
  const rust = '%%rust\nlet remembered = "once";';
  const python = 'remembered = "twice"';
  let first: number;

  beforeAll(async () => {
    first = await upcoming();
    for (const code of [rust, python, rust]) await expect(kernel.execute(code)).toShow();
  });

  async function history(content: Json): Promise<unknown> {
    const reply = await kernel.history(content).result();
    expect(reply['status']).toBe('ok');
    return reply['history'];
  }

  test('the tail', async () => {
    const session = expect.any(Number) as number;
    expect(await history({ hist_access_type: 'tail', n: 3 })).toEqual([
      [session, first, rust],
      [session, first + 1, python],
      [session, first + 2, rust],
    ]);
  });

  test('a range', async () => {
    expect(
      await history({ hist_access_type: 'range', session: 0, start: first, stop: first + 2 }),
    ).toEqual([
      [0, first, rust],
      [0, first + 1, python],
    ]);
  });

  test('a search', async () => {
    const found = (await history({
      hist_access_type: 'search',
      pattern: '*remembered = *',
      n: 10,
    })) as [number, number, string][];
    expect(found.map(([, count, source]) => [count, source])).toEqual([
      [first, rust],
      [first + 1, python],
      [first + 2, rust],
    ]);
  });

  test('a Rust cell is in the history right away', async () => {
    const next = await upcoming();
    const code = '%%rust\nlet at_once = 1;';
    await expect(kernel.execute(code)).toShow();
    expect(
      await history({ hist_access_type: 'range', session: 0, start: next, stop: next + 1 }),
    ).toEqual([[0, next, code]]);
  });
});

describe('what a frontend asks about code', () => {
  test('a Python cell with characters outside of the BMP is completed in the right place', async () => {
    await expect(kernel.execute('crab_count = 1')).toShow();
    const code = 's = "🦀🦀"; crab_cou';
    const reply = await kernel.complete(code).result();
    expect(reply).toMatchObject({ status: 'ok', matches: ['crab_count'], cursor_end: 18 });
    expect(
      Array.from(code)
        .slice(reply['cursor_start'] as number)
        .join(''),
    ).toBe('crab_cou');
  });

  test('a Rust cell with characters outside of the BMP is completed in the right place', async () => {
    const code = '%%rust\nlet s = "🦀🦀"; s.to_upperc';
    const reply = await kernel.complete(code).result();
    expect(reply['matches']).toContainEqual(expect.stringMatching(/^to_uppercase/));
    expect(
      Array.from(code)
        .slice(reply['cursor_start'] as number)
        .join(''),
    ).toBe('to_upperc');
    expect(reply['cursor_end']).toBe(Array.from(code).length);
  });

  test('the cursor may stand in the middle', async () => {
    const code = '%%rust\nlet v = vec![1]; v.le; v';
    const reply = await kernel.complete(code, code.indexOf('le; v') + 2).result();
    expect(reply['matches']).toContainEqual(expect.stringMatching(/^len/));
  });

  test('markers and magics are completed beside what Python knows', async () => {
    expect((await kernel.complete('%%ru').result())['matches']).toEqual(
      expect.arrayContaining(['%%rust', '%%ruby']) as string[],
    );
    expect((await kernel.complete('%ti').result())['matches']).toEqual(
      expect.arrayContaining(['%timing', '%timeit']) as string[],
    );
    expect((await kernel.complete('%%rust --t').result())['matches']).toEqual(['--time']);
  });

  test('a name in Python is inspected', async () => {
    await expect(kernel.inspect('len', 2)).toReplyOk({
      found: true,
      data: expect.objectContaining({
        'text/plain': expect.stringContaining('number of items') as string,
      }) as object,
    });
    await expect(kernel.inspect('nowhere_to_be_found')).toReplyOk({ found: false });
  });

  test('a name in Rust is inspected', async () => {
    const reply = await kernel.inspect('%%rust\nString::new()', 18).result();
    expect(reply).toMatchObject({ status: 'ok', found: true });
    expect(JSON.stringify(reply['data'])).toContain('fn new() -> String');
  });

  test('the marker itself is inspected', async () => {
    await expect(kernel.inspect('%%rust\n1', 4)).toReplyOk({
      found: true,
      data: { 'text/plain': expect.stringContaining('Usage: %%rust [options]') as string },
    });
  });

  test.each([
    ['1 + 1', { status: 'complete' }],
    ['for i in range(3):', { status: 'incomplete', indent: '    ' }],
    ['1 +', { status: 'invalid' }],
    ['%%rust\nlet a = 1;', { status: 'complete' }],
    ['%%rust\nfn f() {', { status: 'incomplete', indent: expect.any(String) as string }],
    ['%%rust\nlet a = );', { status: 'invalid' }],
  ])('is %j complete', async (code, expected) => {
    expect(await kernel.isComplete(code).result()).toEqual(expected);
  });

  test('completion while a Rust cell runs is answered at once, with nothing', async () => {
    const run = kernel.execute('%%rust\nprintln!("looping"); loop {}');
    await run.nextText('looping\n');
    expect(await kernel.complete('%%rust\nVec::').result()).toMatchObject({
      status: 'ok',
      matches: [],
    });
    await expect(kernel.inspect('%%rust\nVec', 9)).toReplyOk({ found: false });
    expect(await kernel.isComplete('%%rust\nfn f() {').result()).toMatchObject({
      status: 'incomplete',
    });
    // Python is not busy.
    expect((await kernel.complete('crab_cou').result())['matches']).toEqual(['crab_count']);
    await expect(kernel.interrupt()).toReplyOk();
    await expect(run).toFailWith({ ename: 'Interrupted' });
  });
});
