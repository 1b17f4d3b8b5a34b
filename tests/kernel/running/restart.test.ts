import { randomUUID } from 'node:crypto';
import { type Kernel, startSharedKernel } from '../../support/kernel';
import type { Json } from '../../support/wire';

let kernel: Kernel;
beforeAll(async () => {
  kernel = await startSharedKernel({ logs: /a language ended/ });
});

/** What the magic in `code` shows. */
async function shown(code: string): Promise<string> {
  const [output, ...rest] = await kernel.execute(code).outputs();
  expect(rest).toEqual([]);
  return String((output as { display: Record<string, unknown> }).display['text/plain']);
}

beforeEach(async () => {
  await expect(kernel.execute('kept = "by Python"')).toShow();
  await expect(kernel.execute('%%rust\nlet kept = "by Rust";')).toShow();
});

test('%restart python takes Python’s variables and leaves Rust’s', async () => {
  expect(await shown('%restart python')).toMatch(/^Python starts afresh/);
  await expect(kernel.execute('"kept" in dir()')).toShow({ result: { 'text/plain': 'False' } });
  await expect(kernel.execute('%%rust\nkept')).toShow({ result: { 'text/plain': '"by Rust"' } });
});

test.each(['%restart rust', '%%rust\n%restart rust'])(
  '%j takes Rust’s variables and leaves Python’s',
  async (code) => {
    expect(await shown(code)).toMatch(/^Rust starts afresh/);
    await expect(kernel.execute('%%rust\nkept')).toFailWith({ ename: 'E0425' });
    await expect(kernel.execute('kept')).toShow({ result: { 'text/plain': "'by Python'" } });
  },
);

test('a restart does not disturb the numbers', async () => {
  const before = (await kernel.execute('1;').reply()).content['execution_count'] as number;
  await shown('%restart python');
  await expect(kernel.execute('1;')).toReplyOk({ execution_count: before + 2 });
});

test('%ferrobook status names the processes, the versions and the log', async () => {
  const text = await shown('%ferrobook status');
  for (const part of [/^kernel +process \d+, \d+ MB$/m, /ipykernel +process \d+/, /Python 3\./]) {
    expect(text).toMatch(part);
  }
  for (const part of [/host +process \d+/, /evcxr 0\./, /^log +\/.*kernel-\d+\.log$/m]) {
    expect(text).toMatch(part);
  }
  expect(text).toMatch(/cells +process \d+, \d+ MB/);
  expect(text).toContain('a snapshot before each cell, while the variables take less than 4096 MB');
});

describe('the comm by which a frontend asks the kernel', () => {
  let comm: string;
  beforeEach(async () => {
    comm = randomUUID();
    await expect(kernel.commOpen('ferrobook', comm).outputs()).resolves.toEqual([]);
  });

  /** The answer to a JSON-RPC request. */
  async function ask(method: string, params?: Json): Promise<Json> {
    const run = kernel.commMessage(comm, {
      jsonrpc: '2.0',
      id: 1,
      method,
      ...(params === undefined ? {} : { params }),
    });
    const [answer, ...rest] = await run.outputMessages();
    expect(rest).toEqual([]);
    expect(answer).toMatchObject({ type: 'comm_msg', content: { comm_id: comm } });
    return answer?.content['data'] as Json;
  }

  test('restarts one language; the other keeps everything', async () => {
    expect(await ask('restart', { language: 'rust' })).toEqual({
      jsonrpc: '2.0',
      id: 1,
      result: null,
    });
    await expect(kernel.execute('%%rust\nkept')).toFailWith({ ename: 'E0425' });
    await expect(kernel.execute('kept')).toShow({ result: { 'text/plain': "'by Python'" } });
  });

  test.each([
    ['python', 'print("going")\nwhile True: pass', 'ChildKernelError'],
    ['rust', '%%rust\nprintln!("going"); loop {}', 'RustHostError'],
  ])('restarts %s while its cell runs, which fails', async (language, code, ename) => {
    const run = kernel.execute(code);
    await run.nextText('going\n');
    expect(await ask('restart', { language })).toMatchObject({ result: null });
    await expect(run).toFailWith({ ename, evalue: /was shut down/ });
    await expect(kernel.execute('1')).toShow({ result: { 'text/plain': '1' } });
  });

  test('tells the status', async () => {
    expect(await ask('status')).toMatchObject({
      result: {
        process: { pid: kernel.process.pid },
        languages: {
          python: { state: expect.stringMatching(/^(ready|starting)$/) as string },
          rust: { state: expect.stringMatching(/^(ready|starting)$/) as string },
        },
      },
    });
  });

  test('refuses what it does not know, in JSON-RPC’s way', async () => {
    expect(await ask('restart', { language: 'cobol' })).toMatchObject({
      error: { code: -32602, message: expect.stringContaining('language') as string },
    });
    expect(await ask('resart')).toMatchObject({ error: { code: -32601 } });
    const [answer] = await kernel.commMessage(comm, { hello: 1 }).outputMessages();
    expect(answer?.content['data']).toMatchObject({ error: { code: -32600 } });
  });

  test('is among the open comms until it is closed', async () => {
    const ours = { [comm]: { target_name: 'ferrobook' } };
    await expect(kernel.commInfo()).toReplyOk({ comms: expect.objectContaining(ours) as object });
    await expect(kernel.commInfo('other')).toReplyOk({
      comms: expect.not.objectContaining(ours) as object,
    });
    await kernel.commClose(comm).done();
    await expect(kernel.commInfo('ferrobook')).toReplyOk({
      comms: expect.not.objectContaining(ours) as object,
    });
  });
});
