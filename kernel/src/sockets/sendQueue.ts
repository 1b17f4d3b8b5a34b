import type { Log } from '../log';

/** How many messages may wait before producers are asked to pause. */
const ROOM = 1000;

/** Anything with ZeroMQ's `send`. */
export interface MessageSink {
  send(parts: Buffer[]): Promise<void>;
}

/**
 * The one writer of a socket. zeromq.js allows a single unfinished `send` per socket and throws EBUSY after 512 sends
 * that were not awaited, so every message goes through here, in order.
 */
export class SendQueue {
  private waiting: Buffer[][] = [];
  private pumping = false;
  private pump: Promise<void> = Promise.resolve();
  private roomers: (() => void)[] = [];

  constructor(
    private readonly sink: MessageSink,
    private readonly log: Log,
  ) {}

  /** Appends a message. */
  push(parts: Buffer[]): void {
    this.waiting.push(parts);
    if (this.pumping) return;
    this.pumping = true;
    this.pump = this.run();
  }

  /** Resolves when the queue is short again. */
  async room(): Promise<void> {
    if (this.waiting.length < ROOM) return;
    await new Promise<void>((resolve) => this.roomers.push(resolve));
  }

  /** Resolves when everything that was pushed has been handed to ZeroMQ. */
  async drained(): Promise<void> {
    while (this.pumping) await this.pump;
  }

  private async run(): Promise<void> {
    while (this.waiting.length > 0) {
      const batch = this.waiting;
      this.waiting = [];
      for (const parts of batch) {
        try {
          await this.sink.send(parts);
        } catch (error) {
          this.log.warn({ err: error }, 'a message could not be sent');
        }
      }
      for (const resolve of this.roomers.splice(0)) resolve();
    }
    // In the same turn as the last look at the queue: a message pushed later starts a new pump.
    this.pumping = false;
  }
}
