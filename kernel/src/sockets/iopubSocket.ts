import { XPublisher } from 'zeromq';

/** The first byte of what an XPUB socket receives when somebody subscribes; with 0 a subscription ends. */
const SUBSCRIBE = 1;

/**
 * How many messages ZeroMQ keeps for a subscriber that is slower than we are. What exceeds it waits in the send queue,
 * where it is counted in bytes, and holds up those who make output.
 */
const HIGH_WATER_MARK = 32;

/**
 * An XPUB socket that drops nothing, and that tells of each of its subscribers.
 *
 * A `send` rejects with EAGAIN, and reaches nobody, while any subscriber is {@link HIGH_WATER_MARK} messages behind.
 * zeromq.js does not wait by itself: to ZeroMQ a publishing socket is always writable.
 *
 * ZeroMQ lets subscribers in by itself, so that a message may reach one ahead of its welcome. By hand
 * (`ZMQ_XPUB_MANUAL`), a subscription is that of whoever sent the last frame, and that goes wrong once anybody sends one
 * that is no subscription: subscribers were left out, or taken off the list.
 */
export class IopubSocket extends XPublisher {
  constructor(options: ConstructorParameters<typeof XPublisher>[0]) {
    super({ ...options, sendHighWaterMark: HIGH_WATER_MARK, noDrop: true, verbosity: 'allSubs' });
  }

  /**
   * Sends to those subscribers that can take it. The others are left out from now on, and wait for nothing, until they
   * have read what ZeroMQ keeps for them.
   */
  async sendToReady(parts: Buffer[]): Promise<void> {
    this.setDropping(true);
    try {
      await this.send(parts);
    } finally {
      this.setDropping(false);
    }
  }

  /** The topics that are subscribed to, each when its subscriber gets messages. Whatever else arrives is ignored. */
  async *subscriptions(): AsyncGenerator<Buffer> {
    for await (const [frame, ...more] of this) {
      if (frame?.[0] === SUBSCRIBE && more.length === 0) yield frame.subarray(1);
    }
  }

  /** zeromq.js warns on stderr that the option comes too late for a bound socket; to ZeroMQ it comes in time. */
  private setDropping(dropping: boolean): void {
    const emitWarning = Object.getOwnPropertyDescriptor(process, 'emitWarning');
    process.emitWarning = () => undefined;
    try {
      this.noDrop = !dropping;
    } finally {
      if (emitWarning !== undefined) Object.defineProperty(process, 'emitWarning', emitWarning);
    }
  }
}
