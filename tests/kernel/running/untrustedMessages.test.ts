import { type Kernel, startKernel, startSharedKernel } from '../../support/kernel';
import { untilSome } from '../../support/processes';
import { bringTo } from '../../support/scenes';
import type { Stranger } from '../../support/stranger';
import { compose, header } from '../../support/wire';

let kernel: Kernel;
beforeAll(async () => {
  kernel = await startSharedKernel({
    logs: /^a message was dropped|^a message of an unknown type/,
  });
});

/** A cell that would say so, were it run. */
const content = {
  code: 'print("it ran")',
  silent: false,
  store_history: true,
  user_expressions: {},
  allow_stdin: false,
  stop_on_error: true,
};

function message(
  parts: {
    header?: unknown;
    parent?: unknown;
    metadata?: unknown;
    content?: unknown;
    key?: string;
  } = {},
): Buffer[] {
  const { key = kernel.connection.key, ...rest } = parts;
  return compose(key, {
    header: header('execute_request', kernel.session),
    content,
    ...rest,
  });
}

/** Nothing came back, and the kernel lives on. What it answers to `frames` would be a problem of the test. */
async function expectDropped(...frames: Buffer[][]): Promise<void> {
  for (const channel of ['shell', 'control'] as const) {
    for (const parts of frames) await kernel.send(channel, parts);
  }
  await expect(kernel.kernelInfo('control')).toReplyOk();
  await expect(kernel.execute('"alive"')).toShow({ result: { 'text/plain': "'alive'" } });
}

test('a message with a forged signature', () => expectDropped(message({ key: 'not the key' })));

test('a message whose content was changed on the way', async () => {
  const parts = message();
  await expectDropped([
    ...parts.slice(0, -1),
    Buffer.from(JSON.stringify({ ...content, silent: true })),
  ]);
});

test('an unsigned message', async () => {
  await expectDropped([message()[0]!, Buffer.alloc(0), ...message().slice(2)]);
});

test('a message that was sent before', async () => {
  const first = kernel.kernelInfo();
  await first.done();
  const parts = compose(kernel.connection.key, { header: first.header, content: {} });
  const [delimiter, signature, ...rest] = parts as [Buffer, Buffer, ...Buffer[]];
  // As it was, and with a signature that was made to look new.
  await expectDropped(
    parts,
    [delimiter, Buffer.from(signature.toString().toUpperCase()), ...rest],
    [delimiter, Buffer.concat([signature, Buffer.from('zz')]), ...rest],
  );
});

test('frames that are no message', () =>
  expectDropped(
    [Buffer.from('hello')],
    [Buffer.alloc(0)],
    [Buffer.from('<IDS|MSG>')],
    message().slice(0, -1),
    message().slice(1),
    Array<Buffer>(100).fill(Buffer.from('x')),
  ));

test('a header that is not JSON, not an object, or says too little', () =>
  expectDropped(
    message({ header: Buffer.from('{') }),
    message({ header: Buffer.from([0xff, 0xfe]) }),
    message({ header: ['execute_request'] }),
    message({ header: { msg_type: 'execute_request' } }),
    message({ header: { ...header('execute_request', 's'), msg_id: 7 } }),
    message({ header: { ...header('execute_request', 's'), username: '\ud83e' } }),
  ));

test('content that is not JSON or not an object', () =>
  expectDropped(
    message({ content: Buffer.from('{"code": "print(1)"') }),
    message({ content: ['print(1)'] }),
    message({ content: null }),
  ));

test('metadata that is not JSON or not an object', () =>
  expectDropped(message({ metadata: Buffer.from('nonsense') }), message({ metadata: [] })));

test('an execute_request with fields of the wrong type', () =>
  expectDropped(
    message({ content: {} }),
    message({ content: { ...content, code: 5 } }),
    message({ content: { ...content, silent: 'no' } }),
    message({ content: { ...content, user_expressions: [] } }),
    message({ content: { ...content, store_history: 1 } }),
  ));

test('JSON of 100,000 levels', () => {
  const deep = Buffer.from(`{"x":${'['.repeat(100_000)}${']'.repeat(100_000)}}`);
  const inside = (object: unknown): Buffer =>
    Buffer.from(`${JSON.stringify(object).slice(0, -1)},${deep.toString().slice(1)}`);
  return expectDropped(
    message({ header: inside(header('execute_request', kernel.session)) }),
    message({ parent: deep }),
    message({ metadata: deep }),
    message({ content: inside(content) }),
  );
});

test('a message of an unknown type', () =>
  expectDropped(
    message({ header: header('make_coffee_request', kernel.session), content: {} }),
    message({ header: header('constructor', kernel.session), content: {} }),
    message({ header: header('__proto__', kernel.session), content: {} }),
  ));

describe('a request that cannot be answered ends with an error and idle', () => {
  let logging: Kernel;
  beforeAll(async () => {
    logging = await startSharedKernel({ logs: /./ });
  });

  test.each([
    ['complete_request', { code: 'x', cursor_pos: 'end' }],
    ['complete_request', {}],
    ['inspect_request', { code: 'x', cursor_pos: 1, detail_level: 7 }],
    ['is_complete_request', { code: null }],
    ['history_request', {}],
  ])('%s %j', async (type, wrong) => {
    const run = logging.request('shell', type, wrong);
    expect(await run.result()).toMatchObject({ status: 'error' });
  });

  /** Old clients leave the cursor out; it is then at the end. */
  test.each([
    ['complete_request', { code: 'len' }, { status: 'ok' }],
    ['inspect_request', { code: 'len' }, { status: 'ok', found: true }],
  ])('%s without a cursor is answered', async (type, given, expected) => {
    await expect(logging.request('shell', type, given)).toReplyOk(expected);
  });

  /** ipykernel drops these without a word; its own clients wait for ever. */
  test.each([
    ['a date that there is not', { header: { date: '2026-02-32T00:00:00Z' } }],
    ['a subshell that cannot be', { header: { subshell_id: {} } }],
    ['a number of 5,000 digits', { metadata: Buffer.from(`{"x":${'9'.repeat(5_000)}}`) }],
  ])('a cell whose message has %s, and the next cell runs', async (_, odd) => {
    const given = { code: 'print("it ran")', silent: false };
    const run = logging.request('shell', 'execute_request', given, odd);
    await expect(run).toFailWith({
      ename: 'ChildKernelError',
      evalue: 'ipykernel cannot read this request',
    });
    await expect(logging.execute('1')).toShow({ result: { 'text/plain': '1' } });
  });

  test('comm messages without an id', async () => {
    await logging.request('shell', 'comm_open', { target_name: 't' }).done();
    await logging.request('shell', 'comm_msg', { data: {} }).done();
    expect((await logging.orphan('stream')).content['text']).toContain('No such comm');
    await expect(logging.execute('1')).toShow({ result: { 'text/plain': '1' } });
  });

  test('content that is not JSON', async () => {
    await logging.send(
      'shell',
      compose(logging.connection.key, {
        header: header('comm_info_request', 'somebody else'),
        content: Buffer.from('{'),
      }),
    );
    await expect(logging.execute('1')).toShow({ result: { 'text/plain': '1' } });
    expect(logging.others).toEqual([]);
  });
});

test('a request with the msg_id of a running cell gets an error, and the cell ends as it would', async () => {
  const shared = await startKernel({ logs: /./ });
  const { cell: running, letGo } = await bringTo(shared, 'a Python cell runs');
  const id = running.header.msg_id;
  const other = shared.connect();
  const same = other.request('shell', 'history_request', {}, { header: { msg_id: id } });
  expect((await same.reply()).content).toMatchObject({
    status: 'error',
    evalue: `a request with the msg_id ${id} is not over yet`,
  });
  await letGo();
  expect((await running.reply()).content).toMatchObject({ status: 'ok' });
  for (const client of [shared, other]) await client.kernelInfo().done();
  // On iopub nobody can tell whose the statuses of the two are.
  shared.takeProblems();
  other.takeProblems();
  await expect(shared.execute('1')).toShow({ result: { 'text/plain': '1' } });
});

describe('without a key', () => {
  test('messages are neither signed nor checked', async () => {
    const open = await startKernel({ key: '' });
    await expect(open.execute('1 + 1')).toShow({ result: { 'text/plain': '2' } });
    const run = open.kernelInfo();
    await run.done();
  });
});

describe('CurveZMQ', () => {
  let secret: Kernel;
  beforeAll(async () => {
    secret = await startSharedKernel({ curve: true });
  });

  test('a client with keys works', async () => {
    await expect(secret.execute('1 + 1')).toShow({ result: { 'text/plain': '2' } });
  });

  /** Everything that a client says first, well signed, and a cell. */
  async function introduce(stranger: Stranger, code: string): Promise<void> {
    for (const channel of ['shell', 'control'] as const) {
      const request = { header: header('kernel_info_request', 'stranger'), content: {} };
      await stranger.send(channel, compose(secret.connection.key, request));
    }
    await stranger.send(
      'shell',
      compose(secret.connection.key, {
        header: header('execute_request', 'stranger'),
        content: { code },
      }),
    );
    await stranger.send('hb', [Buffer.from('ping')]);
    await stranger.send('iopub', [Buffer.from([1])]);
  }

  async function expectAnswered(stranger: Stranger): Promise<void> {
    const heard = await untilSome(() => {
      const channels = [...new Set(stranger.heard.map(({ channel }) => channel))].sort();
      return channels.length === 4 ? channels : [];
    });
    expect(heard).toEqual(['control', 'hb', 'iopub', 'shell']);
  }

  test('who has the right server key hears something on every channel', async () => {
    const stranger = secret.stranger({ curve: 'right' });
    await introduce(stranger, 'it_ran = True');
    await expectAnswered(stranger);
    await expect(secret.execute('it_ran')).toShow({ result: { 'text/plain': 'True' } });
    await expect(secret.execute('del it_ran')).toShow();
  });

  test.each([
    ['without encryption', {}],
    ['with the key of another server', { curve: 'wrong' as const }],
  ])('who comes %s hears nothing on any channel and is not heard', async (_, options) => {
    const stranger = secret.stranger(options);
    await introduce(stranger, 'it_ran = True');
    // Who was let in would have been answered before these are, who come later and say the same.
    for (let count = 0; count < 3; count++) {
      const later = secret.stranger({ curve: 'right' });
      await introduce(later, 'later = True');
      await expectAnswered(later);
    }
    for (let count = 0; count < 20; count++) await expect(secret.execute('1;')).toShow();
    expect(stranger.heard).toEqual([]);
    await expect(secret.execute('"it_ran" in globals()')).toShow({
      result: { 'text/plain': 'False' },
    });
  });
});
