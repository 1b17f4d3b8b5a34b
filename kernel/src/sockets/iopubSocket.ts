import { XPublisher } from 'zeromq';

/** `ZMQ_SUBSCRIBE` and `ZMQ_UNSUBSCRIBE` of zmq.h; zeromq.js has methods for them on SUB sockets only. */
const ZMQ_SUBSCRIBE = 6;
const ZMQ_UNSUBSCRIBE = 7;

/** The first byte of what an XPUB socket receives when somebody subscribes; with 0 a subscription ends. */
const SUBSCRIBE = 1;

/**
 * An XPUB socket that lets its subscribers in by hand. ZeroMQ would do it at any later send, so that a message could
 * reach a new subscriber ahead of its welcome.
 */
export class IopubSocket extends XPublisher {
  constructor(options: ConstructorParameters<typeof XPublisher>[0]) {
    super({ ...options, manual: true });
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
}
