import { type Kernel, startSharedKernel } from '../../support/kernel';
import type { Json } from '../../support/wire';

let kernel: Kernel;
beforeAll(async () => {
  kernel = await startSharedKernel();
});

test('the value of the last expression is the result', async () => {
  await expect(kernel.execute('x = 20\nx + 1')).toShow({ result: { 'text/plain': '21' } });
});

test('stdout and stderr, in their order', async () => {
  const run = kernel.execute(
    'import sys\nfor text, file in zip("abc", [sys.stdout, sys.stderr, sys.stdout]):\n' +
      '    print(text, file=file, flush=True)',
  );
  await expect(run).toShow({ stdout: 'a\n' }, { stderr: 'b\n' }, { stdout: 'c\n' });
});

test('output is there before the cell ends', async () => {
  const run = kernel.execute('print("asking", flush=True)\nanswer = input()', {
    allow_stdin: true,
  });
  await run.nextText('asking\n');
  await run.answerWith('', await run.question());
  await expect(run).toShow();
});

test('an error has a name, a value and a traceback that names the cell', async () => {
  const run = kernel.execute('def f():\n    return 1 / 0\nf()');
  await expect(run).toFailWith({
    ename: 'ZeroDivisionError',
    evalue: 'division by zero',
    traceback: /Cell In\[\d+\], line 3.*line 2, in f/s,
  });
});

test('a syntax error', async () => {
  await expect(kernel.execute('1 +')).toFailWith({ ename: 'SyntaxError' });
});

test('cells are counted', async () => {
  const first = (await kernel.execute('pass').result())['execution_count'] as number;
  await expect(kernel.execute('None')).toReplyOk({ execution_count: first + 1 });
});

test('a silent cell shows nothing and is not counted', async () => {
  const before = (await kernel.execute('pass').result())['execution_count'] as number;
  await expect(kernel.execute('y = 5\ny', { silent: true })).toShow();
  await expect(kernel.execute('assert y == 5')).toReplyOk({ execution_count: before + 1 });
});

test('a silent cell that fails replies with the error', async () => {
  const run = kernel.execute('1 / 0', { silent: true });
  await expect(run).toFailWith({ ename: 'ZeroDivisionError' });
});

test('a cell with store_history false shows its result and is not counted', async () => {
  const before = (await kernel.execute('pass').result())['execution_count'] as number;
  const run = kernel.execute('"kept out"', { store_history: false });
  await expect(run).toShow({ result: { 'text/plain': "'kept out'" } });
  await expect(kernel.execute('pass')).toReplyOk({ execution_count: before + 1 });
});

test('user_expressions are evaluated after the cell, each with its own status', async () => {
  const run = kernel.execute('z = [1, 2]', {
    user_expressions: { length: 'len(z)', wrong: 'nowhere' },
  });
  expect((await run.result())['user_expressions']).toEqual({
    length: { status: 'ok', data: { 'text/plain': '2' }, metadata: {} },
    wrong: {
      status: 'error',
      ename: 'NameError',
      evalue: "name 'nowhere' is not defined",
      traceback: expect.any(Array) as unknown[],
    },
  });
});

/** Frontends ask for values this way without running anything. */
test('user_expressions of an empty cell are evaluated', async () => {
  const run = kernel.execute('', { silent: true, user_expressions: { sum: '1 + 1' } });
  expect(await run.result()).toMatchObject({
    user_expressions: { sum: { status: 'ok', data: { 'text/plain': '2' } } },
  });
});

test.each([[''], ['  \n\n']])('an empty cell %j is ok and not counted', async (code) => {
  const before = (await kernel.execute('pass').result())['execution_count'] as number;
  await expect(kernel.execute(code)).toReplyOk({ execution_count: before + 1 });
  await expect(kernel.execute('pass')).toReplyOk({ execution_count: before + 1 });
});

test('a cell of comments is ok', async () => {
  await expect(kernel.execute('# nothing to do')).toShow();
});

test('a display can be updated later', async () => {
  const run = kernel.execute(
    'from IPython.display import display, HTML\n' +
      'handle = display(HTML("<b>1</b>"), display_id="one")',
  );
  const object = { 'text/plain': '<IPython.core.display.HTML object>' };
  await expect(run).toShow({ display: { ...object, 'text/html': '<b>1</b>' }, id: 'one' });
  await expect(kernel.execute('handle.update(HTML("<b>2</b>"))')).toShow({
    update: { ...object, 'text/html': '<b>2</b>' },
    id: 'one',
  });
});

test('clear_output', async () => {
  const run = kernel.execute(
    'from IPython.display import clear_output\nprint("old")\nclear_output(wait=True)\nprint("new")',
  );
  await expect(run).toShow(
    { stdout: 'old\n' },
    { other: 'clear_output', content: { wait: true } },
    { stdout: 'new\n' },
  );
});

test('the pager of IPython is a payload', async () => {
  const run = kernel.execute('len?');
  expect((await run.result())['payload']).toEqual([
    expect.objectContaining({
      source: 'page',
      data: expect.objectContaining({
        'text/plain': expect.stringContaining('Return the number of items') as string,
      }) as object,
    }),
  ]);
});

test.each([
  ['timing', '``%timing reset``  forget the cells so far'],
  ['restart', '``%restart rust``    its variables, items and crates go'],
  ['ferrobook', '``%ferrobook status``'],
  ['cache', '``%cache clear``  remove all of it'],
])('%%%s? says what the magic does', async (name, line) => {
  const [page] = (await kernel.execute(`%${name}?`).result())['payload'] as { data: Json }[];
  expect(page?.data['text/plain']).toContain(line);
});

test('magics of IPython work', async () => {
  await expect(kernel.execute('%%bash\necho from bash')).toShow({ stdout: 'from bash\n' });
  await expect(kernel.execute('%%capture got\nprint("caught")')).toShow();
  await expect(kernel.execute('got.stdout')).toShow({
    result: { 'text/plain': "'caught\\n'" },
  });
});

test('a magic that looks like a marker is the magic', async () => {
  await expect(kernel.execute('%%python3\nprint(6 * 7)')).toShow({ stdout: '42\n' });
  const define =
    'from IPython.core.magic import register_cell_magic\n' +
    '@register_cell_magic\ndef rush(line, cell): print("rush", cell, end="")';
  await expect(kernel.execute(define)).toShow();
  await expect(kernel.execute('%%rush\nx')).toShow({ stdout: 'rush x\n' });
});

test('%%python at the top means this Python, not a new one', async () => {
  await kernel.execute('mine = 1').done();
  await expect(kernel.execute('%%python\nmine + 1')).toShow({ result: { 'text/plain': '2' } });
  await expect(kernel.execute('# note\n\n%%python\nraise ValueError("line 4")')).toFailWith({
    ename: 'ValueError',
    traceback: 'line 4',
  });
});

test('a misspelt marker is an error that suggests the right one', async () => {
  await expect(kernel.execute('%%rsut\nlet a = 1;')).toFailWith({
    ename: 'UsageError',
    evalue: 'unknown cell marker %%rsut. Did you mean %%rust?',
  });
});

test('top-level await', async () => {
  await expect(kernel.execute('import asyncio\nawait asyncio.sleep(0, "awaited")')).toShow({
    result: { 'text/plain': "'awaited'" },
  });
});

test('the dates of the reply and its metadata are what JupyterLab times a cell by', async () => {
  const run = kernel.execute('import time\ntime.sleep(0.05)');
  const { header, metadata } = await run.reply();
  await run.done();
  const started = new Date(String(metadata['started'])).getTime();
  expect(new Date(header.date).getTime() - started).toBeGreaterThanOrEqual(50);
});

test('5000 displays come in order, and none is lost', async () => {
  const run = kernel.execute(
    'from IPython.display import display\nfor i in range(5000):\n    display({"text/plain": str(i)}, raw=True)',
  );
  const shown = (await run.outputs()).map((output) => JSON.stringify(output));
  expect(shown).toEqual(
    Array.from({ length: 5000 }, (_, i) =>
      JSON.stringify({ display: { 'text/plain': String(i) } }),
    ),
  );
});

test('ten megabytes of text', async () => {
  const run = kernel.execute('print("x" * 10_000_000)');
  const [output, ...rest] = await run.outputs();
  expect(rest).toEqual([]);
  expect((output as { stdout: string }).stdout).toHaveLength(10_000_001);
});

test('a running loop is interrupted', async () => {
  const run = kernel.execute('print("looping")\nwhile True: pass');
  await run.nextText('looping\n');
  await expect(kernel.interrupt()).toReplyOk();
  await expect(run).toFailWith({ ename: 'KeyboardInterrupt' });
  await expect(kernel.execute('1')).toShow({ result: { 'text/plain': '1' } });
});

test('an interrupt while nothing runs does nothing', async () => {
  await expect(kernel.interrupt()).toReplyOk();
  await expect(kernel.execute('1')).toShow({ result: { 'text/plain': '1' } });
});

/** A widget's callback runs in a comm message, not in a cell; plain ipykernel stops it. */
test('a callback that runs for ever is interrupted', async () => {
  const open = kernel.execute(
    'def loop(comm, message):\n' +
      '    comm.on_msg(spin)\n' +
      'def spin(message):\n' +
      '    print("spinning", flush=True)\n' +
      '    while True: pass\n' +
      'get_ipython().kernel.comm_manager.register_target("spinner", loop)',
  );
  await expect(open).toShow();
  await kernel.commOpen('spinner', 'spinner-1').done();
  const message = kernel.commMessage('spinner-1', {});
  await message.nextText('spinning\n');
  await expect(kernel.interrupt()).toReplyOk();
  await message.done();
  await expect(kernel.execute('1')).toShow({ result: { 'text/plain': '1' } });
});

test('output of a forked process is shown', async () => {
  const run = kernel.execute(
    'import os\n' +
      'if (child := os.fork()) == 0:\n' +
      '    print("from the fork", flush=True)\n' +
      '    os._exit(0)\n' +
      '_ = os.waitpid(child, 0)\n' +
      '_ = input()',
    { allow_stdin: true },
  );
  // The cell is held until it is there: a forked process has its own way to the kernel.
  const question = await run.question();
  expect(await run.nextText('from the fork\n')).toBe('from the fork\n');
  await run.answerWith('', question);
  await expect(run).toShow();
});
