import pino from 'pino';
import { type MessageSink, SendQueue } from '../../../kernel/src/sockets/sendQueue';

/** A socket whose sends end when the test says so. */
class SlowSink implements MessageSink {
  readonly begun: string[] = [];
  private finish: ((error?: Error) => void) | undefined;

  send([part]: Buffer[]): Promise<void> {
    if (this.finish !== undefined) throw new Error('EBUSY: a send is unfinished');
    this.begun.push(String(part));
    return new Promise((resolve, reject) => {
      this.finish = (error) => {
        this.finish = undefined;
        if (error === undefined) resolve();
        else reject(error);
      };
    });
  }

  /** Ends the send that is under way. */
  async end(error?: Error): Promise<void> {
    this.finish?.(error);
    await turn();
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const warnings: string[] = [];
const log = pino({ level: 'warn' }, { write: (line: string) => void warnings.push(line) });
beforeEach(() => warnings.splice(0));
afterEach(() => {
  expect(warnings).toEqual([]);
});

test('messages leave in order, one send at a time', async () => {
  const sink = new SlowSink();
  const queue = new SendQueue(sink, log);
  for (const text of ['1', '2', '3']) queue.push([Buffer.from(text)]);
  await turn();
  expect(sink.begun).toEqual(['1']);
  await sink.end();
  queue.push([Buffer.from('4')]);
  for (let left = 3; left > 0; left--) await sink.end();
  expect(sink.begun).toEqual(['1', '2', '3', '4']);
});

test('sending begins when what the turn is about has been done', async () => {
  const sink = new SlowSink();
  const queue = new SendQueue(sink, log);
  queue.push([Buffer.from('1')]);
  for (let step = 0; step < 50; step++) await Promise.resolve();
  expect(sink.begun).toEqual([]);
  await turn();
  expect(sink.begun).toEqual(['1']);
  await sink.end();
});

test('a message that comes in the very moment in which the queue runs dry is sent', async () => {
  // A message is pushed some microtasks after the one before was sent, from "too early" to "long idle".
  for (let delay = 0; delay < 12; delay++) {
    const sent: string[] = [];
    const pushSecond = async (): Promise<void> => {
      for (let step = 0; step < delay; step++) await Promise.resolve();
      queue.push([Buffer.from('second')]);
    };
    const queue = new SendQueue(
      {
        send: ([part]) => {
          sent.push(String(part));
          if (sent.length === 1) void pushSecond();
          return Promise.resolve();
        },
      },
      log,
    );
    queue.push([Buffer.from('first')]);
    for (let turns = 0; turns < 3; turns++) await turn();
    expect(sent).toEqual(['first', 'second']);
  }
});

test('a failing send is logged, and the next message is sent', async () => {
  const sink = new SlowSink();
  const queue = new SendQueue(sink, log);
  queue.push([Buffer.from('lost')]);
  queue.push([Buffer.from('next')]);
  await turn();
  await sink.end(new Error('no route'));
  expect(sink.begun).toEqual(['lost', 'next']);
  expect(warnings.splice(0).join()).toContain('no route');
  await sink.end();
  await queue.drained();
});

test('a send that throws at once does not stop the queue', async () => {
  const sent: string[] = [];
  const queue = new SendQueue(
    {
      send: ([part]) => {
        if (String(part) === 'bad') throw new Error('socket is busy');
        sent.push(String(part));
        return Promise.resolve();
      },
    },
    log,
  );
  queue.push([Buffer.from('bad')]);
  await turn();
  queue.push([Buffer.from('good')]);
  await queue.drained();
  expect(sent).toEqual(['good']);
  expect(warnings.splice(0)).toHaveLength(1);
});

test('drained waits for what is pushed meanwhile', async () => {
  const sink = new SlowSink();
  const queue = new SendQueue(sink, log);
  queue.push([Buffer.from('1')]);
  let drained = false;
  const done = queue.drained().then(() => (drained = true));
  queue.push([Buffer.from('2')]);
  await turn();
  await sink.end();
  expect(drained).toBe(false);
  await sink.end();
  await done;
});

test('an empty queue is drained and has room', async () => {
  const queue = new SendQueue(new SlowSink(), log);
  await queue.drained();
  await queue.room();
});

test('a producer waits while many messages wait, and goes on when they are gone', async () => {
  const sink = new SlowSink();
  const queue = new SendQueue(sink, log);
  for (let count = 0; count <= 1000; count++) queue.push([Buffer.from(String(count))]);
  let room = false;
  void queue.room().then(() => (room = true));
  await turn();
  expect(room).toBe(false);
  for (let count = 0; count <= 1000; count++) await sink.end();
  expect(room).toBe(true);
});

test('a producer waits while a few large messages wait', async () => {
  const sink = new SlowSink();
  const queue = new SendQueue(sink, log);
  for (let count = 0; count < 3; count++) queue.push([Buffer.from('head'), Buffer.alloc(3e6)]);
  let room = false;
  void queue.room().then(() => (room = true));
  await turn();
  await sink.end();
  expect(room).toBe(false);
  await sink.end();
  expect(room).toBe(true);
  await sink.end();
});

describe('a socket with a receiver that is behind', () => {
  /** Takes a message only while it is told to; whoever is ready gets the others. */
  class FullSink implements MessageSink {
    full = true;
    refused = 0;
    readonly sent: string[] = [];
    readonly sentToReady: string[] = [];

    send([part]: Buffer[]): Promise<void> {
      if (this.full) {
        this.refused += 1;
        return Promise.reject(Object.assign(new Error('would block'), { code: 'EAGAIN' }));
      }
      this.sent.push(String(part));
      return Promise.resolve();
    }

    sendToReady([part]: Buffer[]): Promise<void> {
      this.sentToReady.push(String(part));
      return Promise.resolve();
    }
  }

  test('the message is sent once there is room, and nothing overtakes it', async () => {
    const sink = new FullSink();
    const queue = new SendQueue(sink, log);
    queue.push([Buffer.from('1')]);
    queue.push([Buffer.from('2')]);
    while (sink.refused < 5) await turn();
    expect(sink.sent).toEqual([]);
    sink.full = false;
    await queue.drained();
    expect(sink.sent).toEqual(['1', '2']);
    expect(sink.sentToReady).toEqual([]);
  });

  test('it is waited for less and less, and there is one warning', async () => {
    const sink = new FullSink();
    const queue = new SendQueue(sink, log, 200);
    const began = performance.now();
    for (const text of ['1', '2', '3']) queue.push([Buffer.from(text)]);
    await queue.drained();
    expect(performance.now() - began).toBeGreaterThan(190);
    expect(sink.sentToReady).toEqual(['1', '2', '3']);
    expect(warnings.splice(0)).toEqual([expect.stringContaining('does not read any more')]);
    const again = performance.now();
    queue.push([Buffer.from('4')]);
    await queue.drained();
    expect(performance.now() - again).toBeGreaterThan(190);
    expect(warnings.splice(0)).toHaveLength(1);
  });

  test('without anybody who is ready there is nothing to do but wait', async () => {
    const sink = new FullSink();
    const queue = new SendQueue({ send: (parts) => sink.send(parts) }, log, 20);
    queue.push([Buffer.from('1')]);
    while (sink.refused < 20) await new Promise((resolve) => setTimeout(resolve, 5));
    sink.full = false;
    await queue.drained();
    expect(sink.sent).toEqual(['1']);
  });
});
