import { XPublisher } from 'zeromq';

/** `ZMQ_SUBSCRIBE` and `ZMQ_UNSUBSCRIBE` of zmq.h; zeromq.js has methods for them on SUB sockets only. */
const ZMQ_SUBSCRIBE = 6;
const ZMQ_UNSUBSCRIBE = 7;

/** The first byte of what an XPUB socket receives when somebody subscribes; with 0 a subscription ends. */
const SUBSCRIBE = 1;

/**
 * How many messages ZeroMQ keeps for a subscriber that is slower than we are. What exceeds it waits in the send queue,
 * where it is counted in bytes, and holds up those who make output.
 */
const HIGH_WATER_MARK = 32;

/**
 * An XPUB socket that drops nothing, and that lets its subscribers in by hand.
 *
 * A `send` rejects with EAGAIN, and reaches nobody, while any subscriber is {@link HIGH_WATER_MARK} messages behind.
 * zeromq.js does not wait by itself: to ZeroMQ a publishing socket is always writable.
 *
 * By hand, because ZeroMQ would let a subscriber in at any later send, so that a message could reach it ahead of its
 * welcome.
 */
export class IopubSocket extends XPublisher {
  constructor(options: ConstructorParameters<typeof XPublisher>[0]) {
    super({ ...options, sendHighWaterMark: HIGH_WATER_MARK, noDrop: true, manual: true });
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

  /** The topics that are subscribed to, each as soon as its subscriber gets messages. */
  async *subscriptions(): AsyncGenerator<Buffer> {
    for await (const [frame] of this) {
      if (frame === undefined) continue;
      const topic = frame.subarray(1);
      // Both options refer to whoever sent the frame that was received last.
      if (frame[0] === SUBSCRIBE) {
        this.setStringOption(ZMQ_SUBSCRIBE, topic);
        yield topic;
      } else {
        this.setStringOption(ZMQ_UNSUBSCRIBE, topic);
      }
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
