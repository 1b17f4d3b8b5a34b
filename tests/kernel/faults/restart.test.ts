import { type Kernel, startKernel, startSharedKernel } from '../../support/kernel';
import type { Request } from '../../support/request';
import { processOf } from '../../support/scenes';

/** What the magic in `code` shows. */
async function expectShown(run: Request, text: RegExp): Promise<void> {
  await expect(run).toShow({
    display: { 'text/plain': expect.stringMatching(text) as string },
  });
}

describe('of a language that is up', () => {
  let kernel: Kernel;
  beforeAll(async () => {
    kernel = await startSharedKernel();
  });
  beforeEach(async () => {
    await expect(kernel.execute('kept = "by Python"')).toShow();
    await expect(kernel.execute('%%rust\nlet kept = "by Rust";')).toShow();
  });

  test('%restart rust after a Python cell, twice in a row: Python keeps everything', async () => {
    await expect(kernel.execute('kept')).toShow({ result: { 'text/plain': "'by Python'" } });
    const twice = [kernel.execute('%restart rust'), kernel.execute('%restart rust')];
    for (const run of twice) await expectShown(run, /^Rust starts afresh/);
    await expect(kernel.execute('%%rust\nkept')).toFailWith({ ename: 'E0425' });
    await expect(kernel.execute('kept')).toShow({ result: { 'text/plain': "'by Python'" } });
  });

  test('%restart python after a Rust cell, twice in a row: Rust keeps everything', async () => {
    await expect(kernel.execute('%%rust\nkept')).toShow({ result: { 'text/plain': '"by Rust"' } });
    const twice = [
      kernel.execute('%%rust\n%restart python'),
      kernel.execute('%%rust\n%restart python'),
    ];
    for (const run of twice) await expectShown(run, /^Python starts afresh/);
    await expect(kernel.execute('kept')).toFailWith({ ename: 'NameError' });
    await expect(kernel.execute('%%rust\nkept')).toShow({ result: { 'text/plain': '"by Rust"' } });
  });

  test('a restart closes the comms of the language that goes', async () => {
    const opened = kernel.execute(
      'from comm import create_comm\nc = create_comm(target_name="in the frontend")',
    );
    const [message] = await opened.outputMessages();
    const id = message?.content['comm_id'];
    await expectShown(kernel.execute('%restart rust'), /^Rust starts afresh/);
    expect(Object.keys((await kernel.commInfo().result())['comms'] as object)).toContain(id);
    await expectShown(kernel.execute('%restart python'), /^Python starts afresh/);
    expect((await kernel.orphan('comm_close')).content).toEqual({ comm_id: id, data: {} });
    expect((await kernel.commInfo().result())['comms']).toEqual({});
  });

  test.each([
    ['ipykernel', '%%rust\n%restart python', /^Python starts afresh/, 'kept'],
    ['host', '%restart rust', /^Rust starts afresh/, '%%rust\nkept'],
  ] as const)('a restart ends a stopped %s', async (role, code, text, lost) => {
    const pid = await processOf(kernel, role);
    process.kill(pid, 'SIGSTOP');
    await expectShown(kernel.execute(code), text);
    expect(await processOf(kernel, role)).not.toBe(pid);
    await expect(kernel.execute(lost)).toFailWith({ ename: /NameError|E0425/ });
  });
});

test('%restart rust while Rust is still starting', async () => {
  const kernel = await startKernel({ warmUp: true });
  await processOf(kernel, 'host');
  await expectShown(kernel.execute('%restart rust'), /^Rust starts afresh/);
  await expect(kernel.execute('%%rust\n1 + 1')).toShow({ result: { 'text/plain': '2' } });
});

test('%restart python while Python is still starting', async () => {
  const kernel = await startKernel();
  const runs = [
    kernel.execute('%%rust\n%restart python'),
    kernel.execute('%%rust\n%restart python'),
  ];
  for (const run of runs) await expectShown(run, /^Python starts afresh/);
  await expect(kernel.execute('1 + 1')).toShow({ result: { 'text/plain': '2' } });
  expect(kernel.children().filter(({ command }) => command.includes('launch.py'))).toHaveLength(1);
});

test('a Python that never comes up can be interrupted, and restarted', async () => {
  const kernel = await startKernel();
  process.kill(await processOf(kernel, 'ipykernel'), 'SIGSTOP');
  const cell = kernel.execute('1 + 1');
  await cell.busy();
  // The kernel is far past this cell by then, so it waits for Python.
  await expect(kernel.kernelInfo()).toReplyOk();
  expect(cell.finished).toBe(false);
  await expect(kernel.interrupt()).toReplyOk();
  await expect(cell).toFailWith({ ename: 'KeyboardInterrupt' });
  await expectShown(kernel.execute('%%rust\n%restart python'), /^Python starts afresh/);
  await expect(kernel.execute('1 + 1')).toShow({ result: { 'text/plain': '2' } });
});
