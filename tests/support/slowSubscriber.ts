import { setTimeout as pause } from 'node:timers/promises';
import { Subscriber } from 'zeromq';

/** A subscriber that reads one message and then does something else for a while. */
export class SlowSubscriber {
  private readonly socket = new Subscriber({
    linger: 0,
    receiveHighWaterMark: 1,
    receiveBufferSize: 64 * 1024,
  });

  /** Resolves when it has read one message; after each, it rests for `rest` milliseconds. */
  static async connect(address: string, rest: number): Promise<SlowSubscriber> {
    const subscriber = new SlowSubscriber();
    subscriber.socket.connect(address);
    subscriber.socket.subscribe();
    await subscriber.socket.receive();
    void subscriber.read(rest);
    return subscriber;
  }

  close(): void {
    this.socket.close();
  }

  private async read(rest: number): Promise<void> {
    for await (const _ of this.socket) await pause(rest);
  }
}
