import type { Log } from '../log';
import type { Channel } from '../wire/connectionFile';

/** How many dropped messages get a line of their own in each {@link WINDOW}. */
const LINES = 100;

/** In milliseconds. */
const WINDOW = 10_000;

/** The longest reason, in characters: it may quote what somebody else wrote. */
const MAX_REASON = 500;

/** Logs dropped messages. A flood of them is only counted, so that whoever can reach a port cannot fill the disk. */
export class DropLog {
  private lines = 0;
  private unlisted = 0;
  private window: NodeJS.Timeout | undefined;

  constructor(private readonly log: Log) {}

  /** A message that arrived on `channel` was dropped because of `error`. */
  note(channel: Channel, error: Error): void {
    this.window ??= setTimeout(() => this.nextWindow(), WINDOW).unref();
    if (this.lines === LINES) {
      this.unlisted += 1;
      return;
    }
    this.lines += 1;
    this.log.warn({ channel, reason: error.message.slice(0, MAX_REASON) }, 'a message was dropped');
  }

  private nextWindow(): void {
    if (this.unlisted > 0) {
      this.log.warn({ count: this.unlisted }, 'more messages were dropped without a line for each');
    }
    this.lines = 0;
    this.unlisted = 0;
    this.window = undefined;
  }
}
