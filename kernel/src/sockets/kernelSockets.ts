import { setTimeout } from 'node:timers/promises';
import { Router, type Socket } from 'zeromq';
import type { Log } from '../log';
import type { Outgoing, Receiver, RequestChannel, Transport } from '../session/transport';
import { type Channel, type ConnectionInfo, endpoint } from '../wire/connectionFile';
import { decode, encode } from '../wire/frames';
import { checkFrames, type Envelope } from '../wire/message';
import { ReplayGuard, Signer } from '../wire/signing';
import { DropLog } from './dropLog';
import { IopubSocket } from './iopubSocket';
import { SendQueue } from './sendQueue';

/** Milliseconds that a closing kernel socket may still deliver: with less, the last reply is lost. */
const LINGER = 1000;

/** A channel that could not be bound; the kernel cannot run without it. */
export class BindError extends Error {
  override readonly name = 'BindError';
}

/**
 * The five sockets of a Jupyter kernel: ROUTER for shell, control and stdin, XPUB for iopub, an echo for the
 * heartbeat. They are bound to exactly what the connection file names.
 */
export class KernelSockets implements Transport {
  private readonly routers: Record<RequestChannel | 'stdin' | 'hb', Router>;
  private readonly iopub: IopubSocket;
  private readonly queues: Record<RequestChannel | 'stdin' | 'iopub', SendQueue>;
  private readonly signer: Signer;
  private readonly replays = new ReplayGuard();
  private readonly drops: DropLog;
  private closed = false;

  constructor(
    private readonly info: ConnectionInfo,
    private readonly log: Log,
  ) {
    this.signer = new Signer(info.key);
    this.drops = new DropLog(log);
    const router = (): Router => new Router({ ...this.options(), handover: true });
    this.routers = { shell: router(), control: router(), stdin: router(), hb: router() };
    this.iopub = new IopubSocket(this.options());
    this.queues = {
      shell: new SendQueue(this.routers.shell, log),
      control: new SendQueue(this.routers.control, log),
      stdin: new SendQueue(this.routers.stdin, log),
      iopub: new SendQueue(this.iopub, log),
    };
  }

  /** Binds all channels. Throws a {@link BindError} that names the channel, its endpoint and the way out. */
  async bind(): Promise<void> {
    const channels: [Channel, Socket & { bind(address: string): Promise<void> }][] = [
      ['shell', this.routers.shell],
      ['control', this.routers.control],
      ['stdin', this.routers.stdin],
      ['hb', this.routers.hb],
      ['iopub', this.iopub],
    ];
    for (const [channel, socket] of channels) {
      const address = endpoint(this.info, channel);
      try {
        await socket.bind(address);
      } catch (error) {
        this.close();
        throw new BindError(
          `the ${channel} channel cannot be bound to ${address}: ${(error as Error).message}. ` +
            'Another kernel may be running with the same connection file; start this one with a new file',
        );
      }
    }
  }

  /** Starts to hand messages to `receiver`. */
  listen(receiver: Receiver): void {
    void this.receive('shell', (message) => receiver.onShell(message));
    void this.receive('control', (message) => receiver.onControl(message));
    void this.receive('stdin', (message) => receiver.onStdin(message));
    void this.subscriptions(receiver);
    void this.echo();
  }

  send(channel: RequestChannel | 'stdin', message: Outgoing): void {
    if (!this.closed) this.queues[channel].push(encode(this.signer, message));
  }

  publish(message: Outgoing): void {
    if (!this.closed) this.queues.iopub.push(encode(this.signer, message));
  }

  room(): Promise<void> {
    return this.queues.iopub.room();
  }

  /** Delivers what waits, then closes every socket. A subscriber that does not read is not waited for. */
  async shutdown(): Promise<void> {
    const drained = Object.values(this.queues).map((queue) => queue.drained());
    await Promise.race([Promise.all(drained), setTimeout(LINGER, undefined, { ref: false })]);
    this.close();
  }

  private close(): void {
    this.closed = true;
    for (const socket of [...Object.values(this.routers), this.iopub]) socket.close();
  }

  private options(): {
    linger: number;
    sendHighWaterMark: number;
    receiveHighWaterMark: number;
    ipv6: boolean;
    curveServer?: boolean;
    curveSecretKey?: string;
  } {
    return {
      linger: LINGER,
      // ZeroMQ drops what exceeds a ROUTER's marks without a word; 0 means that it keeps everything. Replies are small.
      sendHighWaterMark: 0,
      receiveHighWaterMark: 0,
      ipv6: this.info.ip.includes(':'),
      ...(this.info.curve_secretkey === undefined
        ? {}
        : { curveServer: true, curveSecretKey: this.info.curve_secretkey }),
    };
  }

  private async receive(
    channel: RequestChannel | 'stdin',
    handle: (message: Envelope) => void,
  ): Promise<void> {
    for await (const parts of this.routers[channel]) {
      try {
        const message = decode(parts, this.signer, this.replays);
        checkFrames(message);
        handle(message);
      } catch (error) {
        this.drops.note(channel, error as Error);
      }
    }
  }

  private async subscriptions(receiver: Receiver): Promise<void> {
    for await (const topic of this.iopub.subscriptions()) receiver.onSubscribe(topic);
  }

  private async echo(): Promise<void> {
    const heartbeat = this.routers.hb;
    for await (const parts of heartbeat) {
      try {
        await heartbeat.send(parts);
      } catch (error) {
        this.log.warn({ err: error }, 'a heartbeat could not be answered');
      }
    }
  }
}
