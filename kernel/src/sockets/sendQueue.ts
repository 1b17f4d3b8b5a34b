import { setImmediate, setTimeout } from 'node:timers/promises';
import type { Log } from '../log';

/** How many messages, and how many bytes, may wait before producers are asked to pause. */
const ROOM_MESSAGES = 1000;
const ROOM_BYTES = 4 * 2 ** 20;

/** How long a receiver that takes nothing is waited for, in milliseconds, before the others get on without it. */
const PATIENCE = 10_000;

/** By how much it is waited for less each time that this happens again in one flood. */
const IMPATIENCE = 10;

/** The longest pause between two attempts to send, in milliseconds. */
const LONGEST_PAUSE = 16;

/** Anything with ZeroMQ's `send`. */
export interface MessageSink {
  /** Rejects with the code EAGAIN, and sends nothing to anybody, while a receiver's share of the memory is used up. */
  send(parts: Buffer[]): Promise<void>;
  /** Sends to those receivers that can take it. */
  sendToReady?(parts: Buffer[]): Promise<void>;
}

interface Message {
  readonly parts: Buffer[];
  readonly bytes: number;
}

/**
 * The one writer of a socket. zeromq.js allows a single unfinished `send` per socket and throws EBUSY after 512 sends
 * that were not awaited, so every message goes through here, in order.
 *
 * It is also where output waits for a receiver that is slow; whoever makes output in bulk waits for {@link room}.
 */
export class SendQueue {
  private waiting: Message[] = [];
  /** What was pushed and has not left, the message that is being sent included. */
  private readonly unsent = { messages: 0, bytes: 0 };
  private patience: number;
  private pumping = false;
  private pump: Promise<void> = Promise.resolve();
  private roomers: (() => void)[] = [];

  constructor(
    private readonly sink: MessageSink,
    private readonly log: Log,
    private readonly longest = PATIENCE,
  ) {
    this.patience = longest;
  }

  /** Appends a message. */
  push(parts: Buffer[]): void {
    const bytes = parts.reduce((sum, part) => sum + part.length, 0);
    this.waiting.push({ parts, bytes });
    this.unsent.messages += 1;
    this.unsent.bytes += bytes;
    if (this.pumping) return;
    this.pumping = true;
    this.pump = this.run();
  }

  /** Resolves when the queue is short again. */
  async room(): Promise<void> {
    if (this.hasRoom()) return;
    await new Promise<void>((resolve) => this.roomers.push(resolve));
  }

  /** Resolves when everything that was pushed has been handed to ZeroMQ. */
  async drained(): Promise<void> {
    while (this.pumping) await this.pump;
  }

  private hasRoom(): boolean {
    return this.unsent.messages < ROOM_MESSAGES && this.unsent.bytes < ROOM_BYTES;
  }

  /**
   * Sending a message takes longer than making one, so it begins when what the turn is about has been done: a cell is on
   * its way to its language before the clients hear that the kernel is busy.
   */
  private async run(): Promise<void> {
    await setImmediate();
    while (this.waiting.length > 0) {
      const batch = this.waiting;
      this.waiting = [];
      for (const { parts, bytes } of batch) {
        try {
          await this.deliver(parts);
        } catch (error) {
          this.log.warn({ err: error }, 'a message could not be sent');
        }
        this.unsent.messages -= 1;
        this.unsent.bytes -= bytes;
        if (this.roomers.length > 0 && this.hasRoom()) {
          for (const resolve of this.roomers.splice(0)) resolve();
        }
      }
    }
    // In the same turn as the last look at the queue: a message pushed later starts a new pump.
    this.patience = this.longest;
    this.pumping = false;
  }

  /** Sends one message, as soon as every receiver can take it or has been waited for long enough. */
  private async deliver(parts: Buffer[]): Promise<void> {
    // The pauses are added up rather than the clock read: a machine that was asleep has not been waiting.
    for (let pause = 0, waited = 0; ; waited += pause) {
      try {
        await this.sink.send(parts);
        return;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      }
      if (waited >= this.patience && this.sink.sendToReady !== undefined) {
        this.giveUp(waited);
        await this.sink.sendToReady(parts);
        return;
      }
      // ZeroMQ does not say when a publishing socket can send again.
      await (pause === 0 ? setImmediate() : setTimeout(pause));
      pause = Math.min(Math.max(1, 2 * pause), LONGEST_PAUSE);
    }
  }

  private giveUp(waited: number): void {
    const first = this.patience === this.longest;
    this.patience /= IMPATIENCE;
    if (!first) return;
    this.log.warn(
      { waitedMs: waited },
      'a subscriber does not read any more; it loses messages, the others get on without it',
    );
  }
}
