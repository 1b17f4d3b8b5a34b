import { existsSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { type Kernel, startSharedKernel } from '../../support/kernel';
import { residentMb, untilSome } from '../../support/processes';
import type { AnyChannel, Stranger } from '../../support/stranger';
import { compose, header, type Json, parse } from '../../support/wire';

let kernel: Kernel;
let stranger: Stranger;
/** What the code of every message here would make, were it run. */
let trace: string;
beforeAll(async () => {
  kernel = await startSharedKernel({
    logs: /^a message was dropped|^more messages were dropped|^a message of an unknown type/,
  });
  stranger = kernel.stranger();
  trace = path.join(kernel.process.directory, 'it-ran');
  await expect(kernel.execute('1;')).toShow();
});

const DELIMITER = Buffer.from('<IDS|MSG>');
const HEXADECIMAL = Array.from('0123456789abcdef');
const REQUEST_CHANNELS = ['shell', 'control', 'stdin'] as const;
const CHANNELS: AnyChannel[] = [...REQUEST_CHANNELS, 'hb', 'iopub'];
const DEEP = Buffer.from(`{"code":"1","x":${'['.repeat(100_000)}${']'.repeat(100_000)}}`);

function code(): string {
  return `open(${JSON.stringify(trace)}, 'w').close(); it_ran = True`;
}

function content(fields: Json = {}): Json {
  return {
    code: code(),
    silent: false,
    store_history: true,
    user_expressions: {},
    allow_stdin: false,
    stop_on_error: true,
    ...fields,
  };
}

/** An execute_request that the kernel would run. */
function valid(): Buffer[] {
  return signed({});
}

function signed(parts: {
  header?: unknown;
  parent?: unknown;
  metadata?: unknown;
  content?: unknown;
  key?: string;
}): Buffer[] {
  return compose(parts.key ?? kernel.connection.key, {
    header: header('execute_request', kernel.session),
    content: content(),
    ...parts,
  });
}

/** Requests that the stranger does sign, to learn what has been read. */
const asked = new Set<string>();

/** Resolves when the kernel has read what the stranger has sent so far. */
async function untilRead(): Promise<void> {
  for (const channel of ['shell', 'control'] as const) {
    const head = header('kernel_info_request', 'stranger');
    asked.add(head.msg_id);
    await stranger.send(channel, compose(kernel.connection.key, { header: head, content: {} }));
    const isAnswer = (frames: Buffer[]): boolean =>
      parse(channel, kernel.connection.key, frames).parent.msg_id === head.msg_id;
    const found = await untilSome(() =>
      stranger.heard.filter((heard) => heard.channel === channel && isAnswer(heard.frames)),
    );
    expect(found).toHaveLength(1);
    stranger.heard.splice(stranger.heard.indexOf(found[0]!), 1);
  }
}

/** After whatever was sent: nothing ran, nobody was answered, and a good request is. */
async function expectUnharmed(): Promise<void> {
  await untilRead();
  await expect(kernel.kernelInfo('control')).toReplyOk();
  await expect(kernel.execute(`[name for name in globals() if name == 'it_ran']`)).toShow({
    result: { 'text/plain': '[]' },
  });
  expect(existsSync(trace)).toBe(false);
  expect(stranger.heard.filter(({ channel }) => isRequestChannel(channel))).toEqual([]);
  const others = kernel.others.splice(0).filter(({ parent }) => !asked.has(parent.msg_id ?? ''));
  expect(others).toEqual([]);
}

/**
 * Takes what other clients' cells have published out of the sight of the next test. Their last status may still be
 * on its way to this client when they have it; what the kernel publishes after it tells that it has come.
 */
async function forgetOthers(): Promise<void> {
  await expect(kernel.execute('None')).toShow();
  kernel.others.splice(0);
}

function isRequestChannel(channel: AnyChannel): boolean {
  return (REQUEST_CHANNELS as readonly AnyChannel[]).includes(channel);
}

const bytes = (maxLength: number): fc.Arbitrary<Buffer> =>
  fc.uint8Array({ maxLength }).map((array) => Buffer.from(array));

/** Sends what is generated, a batch a time, and looks at the kernel after each. */
async function expectHarmless(
  frames: fc.Arbitrary<Buffer[]>,
  options: { channels: readonly AnyChannel[]; batches: number; size: number },
): Promise<void> {
  const batch = fc.array(fc.tuple(fc.constantFrom(...options.channels), frames), {
    minLength: options.size,
    maxLength: options.size,
  });
  await fc.assert(
    fc.asyncProperty(batch, async (messages) => {
      for (const [channel, parts] of messages) await stranger.send(channel, parts);
      await expectUnharmed();
    }),
    { numRuns: options.batches },
  );
}

test('the code of these messages leaves a trace when it is run', async () => {
  const seen = path.join(kernel.process.directory, 'seen');
  await expect(kernel.execute(code().replace(trace, seen).replace('it_ran', 'seen'))).toShow();
  expect(existsSync(seen)).toBe(true);
});

test('any frames on any channel: the kernel lives, runs nothing and answers the next request', async () => {
  const frame = fc.oneof(
    { weight: 4, arbitrary: bytes(60) },
    { weight: 2, arbitrary: fc.constant(DELIMITER) },
    { weight: 1, arbitrary: bytes(5_000) },
    { weight: 1, arbitrary: fc.jsonValue().map((value) => Buffer.from(JSON.stringify(value))) },
    { weight: 1, arbitrary: fc.nat({ max: 5 }).map((index) => valid()[index]!) },
  );
  // The first bytes of these are subscriptions, ends of subscriptions and what is neither.
  const topic = fc.tuple(fc.constantFrom(0, 1, 2), bytes(60));
  await expectHarmless(
    fc.oneof(
      fc.array(frame, { minLength: 1, maxLength: 12 }),
      topic.map(([kind, name]) => [Buffer.concat([Buffer.from([kind]), name])]),
    ),
    { channels: CHANNELS, batches: 25, size: 20 },
  );
});

test('an execute_request that is not whole, in order or well signed is not run', async () => {
  const position = fc.nat({ max: 5 });
  const mutated = fc.oneof(
    // One frame is missing.
    position.map((gone) => valid().filter((_, index) => index !== gone)),
    // One is too many, where it changes what is signed or who signs.
    fc
      .tuple(fc.integer({ min: 1, max: 5 }), bytes(40))
      .map(([at, extra]) => valid().toSpliced(at, 0, extra)),
    // Two have changed places; without equal ones among them, or it would be the same message.
    fc
      .tuple(position, position)
      .filter(([a, b]) => a !== b)
      .map(([a, b]) => {
        const parts = signed({ metadata: { tags: [] } });
        [parts[a], parts[b]] = [parts[b]!, parts[a]!];
        return parts;
      }),
    // The signature is of another key, random, cut, or of none.
    fc
      .string({ unit: 'binary', minLength: 1 })
      .filter((key) => key !== kernel.connection.key)
      .map((key) => signed({ key })),
    fc
      .oneof(
        bytes(80),
        fc
          .string({ minLength: 64, maxLength: 64, unit: fc.constantFrom(...HEXADECIMAL) })
          .map((text) => Buffer.from(text)),
      )
      .map((signature) => valid().with(1, signature)),
    fc.nat({ max: 63 }).map((length) => {
      const parts = valid();
      return parts.with(1, parts[1]!.subarray(0, length));
    }),
    // One bit of what is signed is another.
    fc.tuple(fc.integer({ min: 2, max: 5 }), fc.nat()).map(([at, where]) => {
      const parts = valid();
      const changed = Buffer.from(parts[at]!);
      const bit = where % (8 * changed.length);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      return parts.with(at, changed);
    }),
    // There are more routers on the way than any network has.
    fc
      .tuple(bytes(20), fc.integer({ min: 17, max: 5_000 }))
      .map(([identity, count]) => [...Array<Buffer>(count).fill(identity), ...valid()]),
  );
  await expectHarmless(mutated, { channels: REQUEST_CHANNELS, batches: 20, size: 20 });
});

test('an execute_request that is well signed and makes no sense is not run', async () => {
  const noObject = fc.oneof(
    fc.jsonValue().filter((value) => typeof value !== 'object' || Array.isArray(value)),
    fc.constantFrom(Buffer.from(''), Buffer.from('{'), Buffer.from('{"code":'), DEEP),
    // Not UTF-8, outside of a string.
    fc.constant(Buffer.from([0x7b, 0xff, 0xfe, 0x7d])),
    bytes(40),
  );
  const anything = fc.jsonValue();
  const wrong = (right: (value: unknown) => boolean): fc.Arbitrary<unknown> =>
    anything.filter((value) => !right(value));
  const isText = (value: unknown): boolean => typeof value === 'string';
  const isFlag = (value: unknown): boolean => typeof value === 'boolean';
  const field = fc.oneof(
    wrong(isText).map((value) => ({ code: value })),
    wrong(isFlag).map((value) => ({ silent: value })),
    wrong(isFlag).map((value) => ({ store_history: value })),
    wrong(isFlag).map((value) => ({ allow_stdin: value })),
    wrong(isFlag).map((value) => ({ stop_on_error: value })),
    wrong((value) => typeof value === 'object' && value !== null && !Array.isArray(value)).map(
      (value) => ({ user_expressions: value }),
    ),
    wrong(isText).map((value) => ({ user_expressions: { a: '1', b: value } })),
  );
  const head = fc
    .constantFrom('msg_id', 'msg_type', 'session')
    .chain((name) =>
      wrong(isText).map((value) => ({ ...header('execute_request', 's'), [name]: value })),
    );
  await expectHarmless(
    fc.oneof(
      fc
        .tuple(fc.constantFrom('header', 'parent', 'metadata', 'content'), noObject)
        .map(([name, value]) => signed({ [name]: value })),
      field.map((fields) => signed({ content: content(fields) })),
      head.map((value) => signed({ header: value })),
    ),
    { channels: REQUEST_CHANNELS, batches: 20, size: 20 },
  );
});

test('a good execute_request on the wrong channel is not run', async () => {
  for (const channel of ['control', 'stdin', 'hb', 'iopub'] as const) {
    await stranger.send(channel, valid());
  }
  await expectUnharmed();
});

test('a cell that was run is not run again, however often its message is sent', async () => {
  const parts = signed({ content: content({ code: 'runs = globals().get("runs", 0) + 1' }) });
  await kernel.send('shell', parts);
  await expect(kernel.execute('runs')).toShow({ result: { 'text/plain': '1' } });
  for (const channel of REQUEST_CHANNELS) {
    for (let count = 0; count < 20; count++) await stranger.send(channel, parts);
  }
  await untilRead();
  await expect(kernel.execute('runs')).toShow({ result: { 'text/plain': '1' } });
  kernel.takeProblems(); // what the first one was answered
});

test("what is no subscription ends nobody's subscription on iopub", async () => {
  // Each client in turn is the last that the kernel has heard of.
  for (let count = 0; count < 5; count++) {
    const client = kernel.connect();
    await client.welcomed();
    for (const byte of ['x', '\x00', '\x02', 'execute_request']) {
      await stranger.send('iopub', [Buffer.from(byte)]);
      await stranger.send('iopub', [Buffer.from(byte), Buffer.from([0]), Buffer.alloc(0)]);
    }
    await expect(client.execute('"heard"')).toShow({ result: { 'text/plain': "'heard'" } });
  }
  await forgetOthers();
});

test('clients that subscribe while a stranger floods iopub are all let in', async () => {
  for (let round = 0; round < 3; round++) {
    const flood = (async () => {
      for (let count = 0; count < 2_000; count++) {
        await stranger.send('iopub', [Buffer.from(count % 2 === 0 ? 'x' : '\x01topic')]);
      }
    })();
    const clients = Array.from({ length: 10 }, () => kernel.connect());
    await Promise.all(clients.map((client) => client.welcomed()));
    await flood;
    for (const client of clients) {
      await expect(client.execute('"heard"')).toShow({ result: { 'text/plain': "'heard'" } });
      client.close();
    }
  }
  await forgetOthers();
});

test('bytes that are no ZeroMQ are ignored on every port', async () => {
  const greeting = Buffer.concat([
    Buffer.from([0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3, 0]),
    Buffer.from('NULL'),
    Buffer.alloc(48),
  ]);
  const ready = Buffer.concat([
    Buffer.from([4, 28, 5]),
    Buffer.from('READY'),
    Buffer.from([11]),
    Buffer.from('Socket-Type'),
    Buffer.from([0, 0, 0, 6]),
    Buffer.from('DEALER'),
  ]);
  /** The head of a frame with these many bytes, which never come. */
  const announced = (size: bigint): Buffer => {
    const head = Buffer.alloc(9, 2);
    head.writeBigUInt64BE(size, 1);
    return Buffer.concat([greeting, ready, head]);
  };
  const fixed = [
    Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'),
    greeting,
    Buffer.concat([greeting, ready]),
    announced(2n ** 62n),
    announced(2n ** 64n - 1n),
    announced(2n ** 40n),
  ];
  for (const channel of CHANNELS) {
    for (const sent of fixed) await stranger.sendBytes(channel, sent);
    for (const random of fc.sample(bytes(5_000), 20)) await stranger.sendBytes(channel, random);
    for (const random of fc.sample(bytes(500), 20)) {
      await stranger.sendBytes(channel, Buffer.concat([greeting, ready, random]));
    }
  }
  await expectUnharmed();
});

test('the heartbeat and new subscribers are served after all that', async () => {
  expect(await kernel.heartbeat(Buffer.from('ping'))).toEqual([Buffer.from('ping')]);
  const late = kernel.connect();
  await late.welcomed();
  await expect(late.execute('1 + 1')).toShow({ result: { 'text/plain': '2' } });
  await forgetOthers();
});

test('garbage frames of 10 MB do not fill the memory', async () => {
  const big = Buffer.alloc(10_000_000, 'x');
  const json = Buffer.from(`{"code":"${'x'.repeat(10_000_000)}"}`);
  const lists = [
    [big],
    [DELIMITER, big],
    [...Array<Buffer>(17).fill(big), ...valid()],
    valid().with(1, big),
    signed({ key: 'another', content: json }),
    signed({ content: big }),
    signed({ metadata: big }),
  ];
  const { pid } = kernel.process
    .processes()
    .find(({ command }) => command.includes('ferrobook-kernel'))!;
  const flood = async (rounds: number): Promise<number> => {
    for (let round = 0; round < rounds; round++) {
      for (const channel of REQUEST_CHANNELS) {
        for (const parts of lists) {
          await stranger.send(channel, parts);
          await untilRead();
        }
      }
      await expectUnharmed();
    }
    return residentMb(pid) ?? Infinity;
  };
  const first = await flood(1);
  const last = await flood(4);
  // 2.7 GB came in between.
  expect(last).toBeLessThan(first + 300);
});
