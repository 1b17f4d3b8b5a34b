import type { Envelope, JsonFrames } from '../wire/message';

/** The channels on which requests arrive and replies leave. */
export type RequestChannel = 'shell' | 'control';

/** A message on its way out: unsigned frames and the buffers behind them. */
export interface Outgoing {
  readonly identities: readonly Buffer[];
  readonly frames: JsonFrames;
  readonly buffers?: readonly Buffer[];
}

/** What the session needs from the sockets. */
export interface Transport {
  /** Sends to one client. */
  send(channel: RequestChannel | 'stdin', message: Outgoing): void;
  /** Publishes to every subscriber; messages leave in the order of the calls. */
  publish(message: Outgoing): void;
  /** Resolves once few enough published messages wait to be sent: what a producer of output awaits. */
  room(): Promise<void>;
}

/** What the sockets need from the session. Handlers never throw. */
export interface Receiver {
  onShell(message: Envelope): void;
  onControl(message: Envelope): void;
  onStdin(message: Envelope): void;
  /** A client subscribed to iopub with this topic. */
  onSubscribe(topic: Buffer): void;
}
