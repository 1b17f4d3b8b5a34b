import {
  type CellHandler,
  type CellVerdict,
  ExecutionQueue,
  type QueuedCell,
} from '../../../kernel/src/session/executionQueue';
import { envelope } from '../../support/envelope';

function cell(name: string): QueuedCell {
  return { request: envelope('execute_request', { code: name }), arrived: 0 };
}

function nameOf({ request }: QueuedCell): string {
  return (JSON.parse(request.frames.content.toString()) as { code: string }).code;
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Cells that end when the test says so; what happens is written down. */
class Bench implements CellHandler {
  readonly events: string[] = [];
  /** The cells that were waiting, each time that others were. */
  readonly expected: (string[] | 'idle')[] = [];
  readonly queue = new ExecutionQueue(this);
  private finish: ((verdict: CellVerdict) => void) | undefined;

  async run(queued: QueuedCell, beforeReply: (verdict: CellVerdict) => Promise<void>) {
    this.events.push(`run ${nameOf(queued)}`);
    const verdict = await new Promise<CellVerdict>((resolve) => (this.finish = resolve));
    await beforeReply(verdict);
    this.events.push(`reply ${nameOf(queued)}`);
  }

  abort(queued: QueuedCell): void {
    this.events.push(`abort ${nameOf(queued)}`);
  }

  expect(cells: readonly QueuedCell[], idle: boolean): void {
    this.expected.push(idle ? 'idle' : cells.map(nameOf));
  }

  push(...names: string[]): void {
    for (const name of names) this.queue.push(cell(name));
  }

  /** The running cell ends. */
  async end(verdict: CellVerdict = 'continue'): Promise<void> {
    this.finish?.(verdict);
    for (let turns = 0; turns < 6; turns++) await turn();
  }
}

test('cells run in the order in which they came, one at a time', async () => {
  const bench = new Bench();
  bench.push('a', 'b');
  expect(bench.events).toEqual(['run a']);
  bench.push('c');
  for (let count = 0; count < 3; count++) await bench.end();
  expect(bench.events).toEqual(['run a', 'reply a', 'run b', 'reply b', 'run c', 'reply c']);
  expect(bench.queue.busy).toBe(false);
});

test('the queue takes new cells after it ran dry', async () => {
  const bench = new Bench();
  bench.push('a');
  await bench.end();
  bench.push('b');
  expect(bench.queue.busy).toBe(true);
  await bench.end();
  expect(bench.events).toEqual(['run a', 'reply a', 'run b', 'reply b']);
});

test('a failing cell takes those behind it along; they are answered after it', async () => {
  const bench = new Bench();
  bench.push('bad', 'b', 'c');
  await bench.end('abortQueue');
  expect(bench.events).toEqual(['run bad', 'reply bad', 'abort b', 'abort c']);
  expect(bench.queue.busy).toBe(false);
});

test('what already lies in the socket when a cell fails is aborted with the rest', async () => {
  const bench = new Bench();
  bench.push('bad', 'queued');
  const ended = bench.end('abortQueue');
  // Two turns later each: as messages come out of a socket one by one.
  setImmediate(() => {
    bench.push('in the socket');
    setImmediate(() => {
      bench.push('behind it');
    });
  });
  await ended;
  expect(bench.events).toEqual([
    'run bad',
    'reply bad',
    'abort queued',
    'abort in the socket',
    'abort behind it',
  ]);
});

test('what comes after the reply of a failed cell is run', async () => {
  const bench = new Bench();
  bench.push('bad', 'queued');
  await bench.end('abortQueue');
  bench.push('after');
  await bench.end();
  expect(bench.events).toEqual([
    'run bad',
    'reply bad',
    'abort queued',
    'run after',
    'reply after',
  ]);
});

test('an interrupt takes away what waits, and is answered behind the running cell', async () => {
  const bench = new Bench();
  bench.push('running', 'waiting');
  bench.queue.abortWaiting();
  bench.push('later');
  await bench.end();
  expect(bench.events).toEqual(['run running', 'reply running', 'abort waiting', 'run later']);
});

test('nothing happens when nothing waits', () => {
  const bench = new Bench();
  bench.queue.abortWaiting();
  expect(bench.events).toEqual([]);
});

test('what waits is told once for cells that come together, and when it waits no more', async () => {
  const bench = new Bench();
  bench.push('a', 'b', 'c');
  expect(bench.expected).toEqual([]);
  await turn();
  expect(bench.expected).toEqual([['b', 'c']]);
  await bench.end('abortQueue');
  expect(bench.expected).toEqual([['b', 'c'], 'idle']);
});
