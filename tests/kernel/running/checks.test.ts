import { randomUUID } from 'node:crypto';
import type { Diagnostic } from '../../../kernel/src/languages/rust/protocol';
import type { CheckedCell } from '@ferrobook/notebook';
import { type Kernel, startKernel, startSharedKernel } from '../../support/kernel';
import { type RunningProcess, untilSome } from '../../support/processes';
import { bringTo } from '../../support/scenes';
import type { Json } from '../../support/wire';

let kernel: Kernel;
let comm: string;
beforeAll(async () => {
  kernel = await startSharedKernel({ warmUp: true });
  comm = await openControl(kernel);
});

async function openControl(of: Kernel): Promise<string> {
  const id = randomUUID();
  await expect(of.commOpen('ferrobook', id).outputs()).resolves.toEqual([]);
  return id;
}

let lastId = 0;

/** Asks for a check; the kernel is not busy with it. */
async function begin(code: unknown, of = kernel, on = comm): Promise<number> {
  lastId += 1;
  const request = { jsonrpc: '2.0', id: lastId, method: 'check', params: { code } };
  await expect(of.commMessage(on, request as Json).outputs()).resolves.toEqual([]);
  return lastId;
}

/** The response to a request, which belongs to no parent. */
async function response(id: number, of = kernel): Promise<Json> {
  const { content } = await of.orphan('comm_msg');
  const { id: answered, ...data } = content['data'] as Json;
  expect(answered).toBe(id);
  return data;
}

async function checked(id: number): Promise<CheckedCell['diagnostics']> {
  const { result } = await response(id);
  return (result as CheckedCell).diagnostics;
}

async function check(code: string): Promise<CheckedCell['diagnostics']> {
  return checked(await begin(code));
}

/** Resolves when the compiler looks at what is to be checked. */
async function untilChecking(of: Kernel): Promise<void> {
  // It writes into a directory of this name.
  const compilers = (): RunningProcess[] =>
    of.children().filter(({ command }) => command.includes('ferrobook-check'));
  expect(await untilSome(compilers)).not.toEqual([]);
}

/** A cell that the compiler looks at for minutes. */
const SLOW =
  '%%rust\nconst fn spin() -> u64 { let mut i = 0u64; while i < 100_000_000_000 { i += 1; } i }\n' +
  '#[allow(long_running_const_eval)] const N: u64 = spin();\nN';

test('lines are the cell’s own, marker and magics included, and columns count code points', async () => {
  const code = '# why\n%%rust --time\n%timing off\n:vars\nlet s = "🦀"; let x: i32 = "é";';
  expect(await check(code)).toMatchObject([
    {
      severity: 'error',
      code: 'E0308',
      message: 'mismatched types',
      rendered: expect.stringContaining('cell:5:27') as string,
      spans: [
        { start: { line: 5, column: 27 }, end: { line: 5, column: 30 }, primary: true },
        { start: { line: 5, column: 21 }, end: { line: 5, column: 24 }, primary: false },
      ],
    },
  ]);
});

test('a cell that is right, or not Rust, has no diagnostics', async () => {
  expect(await check('%%rust\nlet a = 1;\na + 1')).toEqual([]);
  expect(await check('%%rust')).toEqual([]);
  expect(await check('let x: i32 = "a";')).toEqual([]);
  expect(await check('%%rust --nonsense\nlet x: i32 = "a";')).toEqual([]);
});

test('a check knows the session and leaves it as it is', async () => {
  await expect(kernel.execute('%%rust\nlet mut kept = vec![1];')).toShow();
  expect(await check('%%rust\nkept.push(2); struct Kept;')).toEqual([]);
  expect(await check('%%rust\nkept.push("2");')).toMatchObject([{ code: 'E0308' }]);
  await expect(kernel.execute('%%rust\nkept.len()')).toShow({ result: { 'text/plain': '1' } });
  await expect(kernel.execute('%%rust\nKept')).toFailWith({ ename: 'E0425' });
});

test('a newer check ends an older one', async () => {
  const older = await begin(SLOW);
  await untilChecking(kernel);
  const newer = await begin('%%rust\nnowhere()');
  expect(await checked(older)).toBeNull();
  expect(await checked(newer)).toMatchObject([{ code: 'E0425' }]);
});

test.each(['1', '%%rust\n1'])('the cell %j ends a check', async (cell) => {
  const id = await begin(SLOW);
  await untilChecking(kernel);
  await expect(kernel.execute(cell)).toShow({ result: { 'text/plain': '1' } });
  expect(await checked(id)).toBeNull();
});

test.each(['a Python cell runs', 'a Rust cell runs'] as const)(
  'nothing is checked while %s',
  async (moment) => {
    const { cell, letGo } = await bringTo(kernel, moment);
    expect(await check('%%rust\nnowhere()')).toBeNull();
    await letGo();
    await expect(cell).toReplyOk({});
    expect(await check('%%rust\nnowhere()')).toMatchObject([{ code: 'E0425' }]);
  },
);

test('what is no code is refused', async () => {
  expect(await response(await begin(7))).toMatchObject({
    error: { code: -32602, message: expect.stringContaining('code') as string },
  });
});

test('the reply of a cell that the compiler refused says the same', async () => {
  for (const code of ['%%rust\nlet x: i32 = "é";', '%%rust\n\nlet = 1;']) {
    const found = await check(code);
    expect(found).toHaveLength(1);
    expect(await diagnosticsOfReply(code)).toEqual(found);
  }
  expect(await diagnosticsOfReply('%%rust\npanic!()')).toEqual([]);
  expect(await diagnosticsOfReply('1 / 0')).toBeUndefined();
});

async function diagnosticsOfReply(code: string): Promise<Diagnostic[] | undefined> {
  const run = kernel.execute(code);
  await run.outputs();
  const { metadata } = await run.reply();
  return (metadata['ferrobook'] as { diagnostics?: Diagnostic[] }).diagnostics;
}

test('a check is answered when the Rust process dies of it', async () => {
  const dying = await startKernel({ warmUp: true, logs: /a language ended/ });
  const control = await openControl(dying);
  const id = await begin(SLOW, dying, control);
  await untilChecking(dying);
  const host = dying.children().find(({ command }) => command.includes('ferrobook-runtime'));
  process.kill(host!.pid, 'SIGKILL');
  expect(await response(id, dying)).toMatchObject({ result: { diagnostics: null } });
  const next = await begin('%%rust\nnowhere()', dying, control);
  expect(await response(next, dying)).toMatchObject({
    result: { diagnostics: [{ code: 'E0425' }] },
  });
});
