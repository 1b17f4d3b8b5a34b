import { randomUUID } from 'node:crypto';
import type { CellError } from '../languages/cellError';
import type { MimeBundle } from '../languages/language';
import { type Envelope, type JsonObject, jsonFrame, newHeader } from '../wire/message';
import type { RequestChannel, Transport } from './transport';

const NO_PARENT = jsonFrame({});
const EMPTY = jsonFrame({});

/**
 * The only place where outgoing messages get their header. All of them carry one session id, those of the children
 * too: JupyterLab ignores messages of a session that it does not know.
 */
export class Publisher {
  readonly session = randomUUID();

  constructor(private readonly transport: Transport) {}

  /** Publishes a message on iopub. `parent` is the request that it belongs to. */
  publish(
    msgType: string,
    content: object,
    parent: Envelope | undefined,
    extra: { metadata?: object; topic?: string } = {},
  ): void {
    this.transport.publish({
      identities: [Buffer.from(extra.topic ?? `kernel.${this.session}.${msgType}`)],
      frames: {
        header: jsonFrame(newHeader(msgType, this.session)),
        parentHeader: parent?.frames.header ?? NO_PARENT,
        metadata: extra.metadata === undefined ? EMPTY : jsonFrame(extra.metadata),
        content: jsonFrame(content),
      },
    });
  }

  /** Publishes a child's iopub message: everything but the session id stays as it is, its date included. */
  relay(message: Envelope): void {
    this.transport.publish({
      identities: message.identities,
      frames: { ...message.frames, header: this.restamped(message) },
      buffers: message.buffers,
    });
  }

  /** Sends a reply to the client that asked. `date` replaces the header's own where a child replied earlier. */
  reply(
    channel: RequestChannel,
    request: Envelope,
    content: object,
    extra: { metadata?: object; date?: string } = {},
  ): void {
    const header = newHeader(request.header.msg_type.replace(/_request$/, '_reply'), this.session);
    this.transport.send(channel, {
      identities: request.identities,
      frames: {
        header: jsonFrame({ ...header, date: extra.date ?? header.date }),
        parentHeader: request.frames.header,
        metadata: extra.metadata === undefined ? EMPTY : jsonFrame(extra.metadata),
        content: jsonFrame(content),
      },
    });
  }

  /** Sends a child's reply on to the client that asked. */
  relayReply(channel: RequestChannel, request: Envelope, reply: Envelope): void {
    this.transport.send(channel, {
      identities: request.identities,
      frames: {
        ...reply.frames,
        header: this.restamped(reply),
        parentHeader: request.frames.header,
      },
      buffers: reply.buffers,
    });
  }

  /** Asks the client that sent `request` for input. Returns the `msg_id` of the question. */
  askInput(request: Envelope, prompt: string, password: boolean): string {
    const header = newHeader('input_request', this.session);
    this.transport.send('stdin', {
      identities: request.identities,
      frames: {
        header: jsonFrame(header),
        parentHeader: request.frames.header,
        metadata: EMPTY,
        content: jsonFrame({ prompt, password }),
      },
    });
    return header.msg_id;
  }

  status(state: 'busy' | 'idle' | 'starting', parent: Envelope | undefined): void {
    this.publish('status', { execution_state: state }, parent);
  }

  stream(name: 'stdout' | 'stderr', text: string, parent: Envelope): void {
    this.publish('stream', { name, text }, parent, { topic: `stream.${name}` });
  }

  display(data: MimeBundle, parent: Envelope | undefined, metadata: JsonObject = {}): void {
    this.publish('display_data', { data, metadata, transient: {} }, parent);
  }

  error(error: CellError, parent: Envelope): void {
    this.publish('error', error, parent);
  }

  private restamped(message: Envelope): Buffer {
    return jsonFrame({ ...message.header, session: this.session });
  }
}
