import type { Envelope } from '../wire/message';

/** An execute request that waits for its turn. */
export interface QueuedCell {
  readonly request: Envelope;
  /** Reading of `performance.now()` when the request arrived. */
  readonly arrived: number;
}

/** What became of a cell, for the cells behind it. */
export type CellVerdict = 'continue' | 'abortQueue';

/** What the queue does with its cells. */
export interface CellHandler {
  /** Runs a cell; `beforeReply` is to be awaited between its end and its reply. Does not reject. */
  run(cell: QueuedCell, beforeReply: (verdict: CellVerdict) => Promise<void>): Promise<void>;
  /** Answers a cell that will not run. */
  abort(cell: QueuedCell): void;
  /** Other cells than before wait for their turn. `idle`: none runs, either. */
  expect(cells: readonly QueuedCell[], idle: boolean): void;
}

/**
 * The one queue of the notebook: cells of both languages run in the order in which they came, one at a time.
 *
 * When a cell fails, those that a client had sent by then are aborted. They may still sit in the socket, so they are
 * collected before the failing cell is answered: nothing that a client sends after it has seen the reply is aborted.
 */
export class ExecutionQueue {
  private waiting: QueuedCell[] = [];
  /** Cells that will not run; they are answered behind the running one. */
  private doomed: QueuedCell[] = [];
  private running = false;
  private telling = false;

  constructor(private readonly handler: CellHandler) {}

  /** Whether a cell is running or waits for its turn. */
  get busy(): boolean {
    return this.running || this.waiting.length > 0;
  }

  push(cell: QueuedCell): void {
    this.waiting.push(cell);
    if (!this.running) void this.work();
    this.tell();
  }

  /** Takes the waiting cells out of the queue; they are answered right after the running one. */
  abortWaiting(): void {
    this.doomed.push(...this.waiting.splice(0));
    this.tell();
  }

  /** A frontend that runs all cells asks for them one by one: they are told of together. */
  private tell(): void {
    if (this.telling) return;
    this.telling = true;
    setImmediate(() => {
      this.telling = false;
      this.handler.expect(this.waiting, !this.running);
    });
  }

  private async work(): Promise<void> {
    this.running = true;
    for (let cell = this.waiting.shift(); cell !== undefined; cell = this.waiting.shift()) {
      await this.handler.run(cell, async (verdict) => {
        if (verdict === 'continue') return;
        await this.settled();
        this.abortWaiting();
      });
      for (const other of this.doomed.splice(0)) this.handler.abort(other);
    }
    this.running = false;
    this.tell();
  }

  /** Resolves when what has already reached the socket is in the queue. */
  private async settled(): Promise<void> {
    let before: number;
    do {
      before = this.waiting.length;
      for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve));
    } while (this.waiting.length !== before);
  }
}
