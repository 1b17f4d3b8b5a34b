import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { curveKeyPair, Dealer, XSubscriber } from 'zeromq';
import type { Connection } from './connection';
import { inTime } from './waiting';

export type AnyChannel = 'shell' | 'control' | 'stdin' | 'hb' | 'iopub';

/** Encryption with the public key that the connection file names, or with that of another server. */
export type Curve = 'right' | 'wrong';

/** Somebody who can reach the sockets of a kernel and sends what he likes: any frames, or bytes that are no ZeroMQ. */
export class Stranger {
  /** What the kernel sent to him, heartbeats included. */
  readonly heard: { channel: AnyChannel; frames: Buffer[] }[] = [];
  private readonly sockets: Record<AnyChannel, Dealer | XSubscriber>;
  private lastSend: Promise<void> = Promise.resolve();

  constructor(
    private readonly connection: Connection,
    options: { curve?: Curve } = {},
  ) {
    const { curve } = options;
    const keys = curveKeyPair();
    const common = {
      linger: 0,
      sendHighWaterMark: 0,
      receiveHighWaterMark: 0,
      ...(curve === undefined
        ? {}
        : {
            curveServerKey:
              curve === 'right' ? connection.curve_publickey : curveKeyPair().publicKey,
            curvePublicKey: keys.publicKey,
            curveSecretKey: keys.secretKey,
          }),
    };
    const routingId = randomUUID();
    const dealer = (): Dealer => new Dealer({ ...common, routingId });
    this.sockets = {
      shell: dealer(),
      control: dealer(),
      stdin: dealer(),
      hb: dealer(),
      // Unlike a SUB socket, it can send more than subscriptions.
      iopub: new XSubscriber(common),
    };
    for (const channel of Object.keys(this.sockets) as AnyChannel[]) {
      this.sockets[channel].connect(connection.address(channel));
      void this.listen(channel);
    }
  }

  close(): void {
    for (const socket of Object.values(this.sockets)) socket.close();
  }

  /** Frames as they are. */
  async send(channel: AnyChannel, frames: Buffer[]): Promise<void> {
    // zeromq.js allows one unfinished send per socket.
    this.lastSend = this.lastSend.then(() => this.sockets[channel].send(frames));
    await this.lastSend;
  }

  /** Bytes on a connection of their own; resolves when the kernel has closed it, be it for the bytes or for their end. */
  async sendBytes(channel: AnyChannel, bytes: Buffer): Promise<void> {
    const socket = connect(this.connection[`${channel}_port`], this.connection.ip);
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    socket.on('error', () => undefined); // the kernel hung up in the middle
    socket.resume();
    socket.end(bytes);
    await inTime(`the end of a connection to ${channel}`, closed);
  }

  private async listen(channel: AnyChannel): Promise<void> {
    for await (const frames of this.sockets[channel]) this.heard.push({ channel, frames });
  }
}
