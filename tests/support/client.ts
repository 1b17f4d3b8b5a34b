import { randomUUID } from 'node:crypto';
import { curveKeyPair, Dealer, Request as HeartbeatSocket, Subscriber } from 'zeromq';
import type { Connection } from './connection';
import { Request } from './request';
import { Changing, inTime } from './waiting';
import { type Channel, compose, header, type Json, type Message, parse } from './wire';

export interface ClientOptions {
  /** The topic to subscribe to; everything by default. */
  topic?: string;
}

export interface ExecuteOptions {
  silent?: boolean;
  store_history?: boolean;
  user_expressions?: Record<string, string>;
  allow_stdin?: boolean;
  stop_on_error?: boolean;
  /** Metadata of the request. */
  metadata?: Json;
}

/** A Jupyter client: one identity on every channel, one session, and a record of all that the kernel says. */
export class Client {
  readonly session = randomUUID();
  /** Subscriptions that were welcomed. */
  readonly welcomes: Message[] = [];
  /** iopub messages that belong to nobody's request. Nobody but a test takes them away. */
  readonly orphans: Message[] = [];
  /** iopub messages that belong to another client's requests. */
  readonly others: Message[] = [];
  private readonly requests = new Map<string, Request>();
  private readonly wrong: string[] = [];
  private readonly change = new Changing();
  private readonly sockets: Record<'shell' | 'control' | 'stdin', Dealer>;
  private readonly iopub: Subscriber;
  private kernelSession: string | undefined;
  private started = false;
  private lastSend: Promise<void> = Promise.resolve();

  constructor(
    readonly connection: Connection,
    options: ClientOptions = {},
  ) {
    const curve =
      connection.curve_publickey === undefined ? {} : clientKeys(connection.curve_publickey);
    const common = {
      linger: 0,
      sendHighWaterMark: 0,
      receiveHighWaterMark: 0,
      reconnectInterval: 10,
      ...curve,
    };
    const routingId = randomUUID();
    const dealer = (channel: 'shell' | 'control' | 'stdin'): Dealer => {
      const socket = new Dealer({ ...common, routingId });
      socket.connect(connection.address(channel));
      void this.receive(channel, socket);
      return socket;
    };
    this.sockets = { shell: dealer('shell'), control: dealer('control'), stdin: dealer('stdin') };
    const { sendHighWaterMark: _, ...receiving } = common;
    this.iopub = new Subscriber(receiving);
    this.iopub.connect(connection.address('iopub'));
    this.iopub.subscribe(options.topic ?? '');
    void this.receive('iopub', this.iopub);
  }

  close(): void {
    for (const socket of [...Object.values(this.sockets), this.iopub]) socket.close();
  }

  /** Resolves when the kernel has welcomed this subscriber: nothing on iopub can be missed from now on. */
  async welcomed(): Promise<Message> {
    return this.change.until(
      'iopub_welcome',
      () => this.welcomes[0],
      () => 'none came',
    );
  }

  execute(code: string, options: ExecuteOptions = {}): Request {
    const { metadata = {}, ...content } = options;
    return this.request(
      'shell',
      'execute_request',
      {
        code,
        silent: false,
        store_history: true,
        user_expressions: {},
        allow_stdin: false,
        stop_on_error: true,
        ...content,
      },
      { metadata },
    );
  }

  /** `cursor` counts code points; the end of the code by default. */
  complete(code: string, cursor = [...code].length): Request {
    return this.request('shell', 'complete_request', { code, cursor_pos: cursor });
  }

  inspect(code: string, cursor = [...code].length, detail: 0 | 1 = 0): Request {
    return this.request('shell', 'inspect_request', {
      code,
      cursor_pos: cursor,
      detail_level: detail,
    });
  }

  isComplete(code: string): Request {
    return this.request('shell', 'is_complete_request', { code });
  }

  history(content: Json): Request {
    return this.request('shell', 'history_request', { output: false, raw: true, ...content });
  }

  kernelInfo(channel: 'shell' | 'control' = 'shell'): Request {
    return this.request(channel, 'kernel_info_request', {});
  }

  commOpen(target: string, id: string, data: Json = {}): Request {
    return this.request('shell', 'comm_open', { comm_id: id, target_name: target, data });
  }

  commMessage(id: string, data: Json, buffers: Buffer[] = []): Request {
    return this.request('shell', 'comm_msg', { comm_id: id, data }, { buffers });
  }

  commClose(id: string): Request {
    return this.request('shell', 'comm_close', { comm_id: id, data: {} });
  }

  commInfo(target?: string): Request {
    return this.request(
      'shell',
      'comm_info_request',
      target === undefined ? {} : { target_name: target },
    );
  }

  interrupt(): Request {
    return this.request('control', 'interrupt_request', {});
  }

  debug(sequence: number, command: string, args: Json = {}): Request {
    return this.request('control', 'debug_request', {
      seq: sequence,
      type: 'request',
      command,
      arguments: args,
    });
  }

  shutdown(restart = false): Request {
    return this.request('control', 'shutdown_request', { restart });
  }

  /** Any request; with fields of its header, where the usual ones will not do. */
  request(
    channel: 'shell' | 'control',
    type: string,
    content: Json,
    extra: { header?: Json; metadata?: unknown; buffers?: Buffer[] } = {},
  ): Request {
    const head = { ...header(type, this.session), ...extra.header };
    const request = new Request(channel, head, content, (replyType, reply, parent) =>
      this.say('stdin', replyType, reply, parent),
    );
    this.requests.set(head.msg_id, request);
    const { metadata = {}, buffers = [] } = extra;
    void this.send(
      channel,
      compose(this.connection.key, { header: head, metadata, content }, buffers),
    );
    return request;
  }

  /** A message that gets no reply and no status, such as an input_reply. */
  async say(
    channel: 'shell' | 'control' | 'stdin',
    type: string,
    content: Json,
    parent: Json = {},
  ): Promise<void> {
    await this.send(
      channel,
      compose(this.connection.key, { header: header(type, this.session), parent, content }),
    );
  }

  /** Frames as they are: forged, cut, replayed. */
  async send(channel: 'shell' | 'control' | 'stdin', frames: Buffer[]): Promise<void> {
    const socket = this.sockets[channel];
    // zeromq.js allows one unfinished send per socket.
    this.lastSend = this.lastSend.then(() => socket.send(frames));
    await this.lastSend;
  }

  /** The next iopub message of this type that belongs to no request. */
  async orphan(type: string): Promise<Message> {
    const found = await this.change.until(
      `an iopub message ${type} without a request`,
      () => this.orphans.find((message) => message.type === type),
      () => `there are: ${this.orphans.map((message) => message.type).join(', ')}`,
    );
    this.orphans.splice(this.orphans.indexOf(found), 1);
    return found;
  }

  /** Sends `ping` on the heartbeat channel and resolves with what comes back. */
  async heartbeat(ping: Buffer): Promise<Buffer[]> {
    const socket = new HeartbeatSocket({ linger: 0 });
    try {
      socket.connect(this.connection.address('hb'));
      await socket.send(ping);
      return await inTime('the heartbeat', socket.receive());
    } finally {
      socket.close();
    }
  }

  /** What broke the rules or was not looked at since the last call. */
  takeProblems(): string[] {
    const problems = [
      ...this.wrong.splice(0),
      ...[...this.requests.values()].flatMap((request) => request.problems()),
      ...this.orphans
        .splice(0)
        .map(({ type, content }) => `nobody looked at ${type} ${JSON.stringify(content)}`),
    ];
    this.requests.clear();
    return problems;
  }

  /** Forgets a request that the kernel must not answer. An answer to it is a problem all the same. */
  forget(request: Request): void {
    this.requests.delete(request.header.msg_id);
  }

  private async receive(channel: Channel, socket: Dealer | Subscriber): Promise<void> {
    for await (const parts of socket) {
      try {
        this.take(parse(channel, this.connection.key, parts));
      } catch (error) {
        this.wrong.push((error as Error).message);
      }
      this.change.changed();
    }
  }

  private take(message: Message): void {
    this.kernelSession ??= message.header.session;
    if (message.header.session !== this.kernelSession) {
      this.wrong.push(`${message.type} has another session id than the kernel`);
    }
    const { msg_id: id, session } = message.parent;
    const request = this.requests.get(id ?? '');
    // They come at any time, and name the newest debug_request, which is long answered.
    if (message.type === 'debug_event') this.orphans.push(message);
    else if (request !== undefined) request.take(message);
    else if (message.type === 'iopub_welcome') this.welcomes.push(message);
    else if (message.channel === 'iopub' && id === undefined) this.takeOrphan(message);
    else if (message.channel === 'iopub' && session !== this.session) this.others.push(message);
    else {
      this.wrong.push(
        `${message.channel}: ${message.type} for no open request: ${JSON.stringify(message.content)}`,
      );
    }
  }

  /** `starting` reaches only a subscriber that was there in time, and nobody twice. */
  private takeOrphan(message: Message): void {
    if (message.content['execution_state'] !== 'starting') this.orphans.push(message);
    else if (this.started) this.wrong.push('a second status `starting`');
    else this.started = true;
  }
}

function clientKeys(server: string): {
  curveServerKey: string;
  curvePublicKey: string;
  curveSecretKey: string;
} {
  const { publicKey, secretKey } = curveKeyPair();
  return { curveServerKey: server, curvePublicKey: publicKey, curveSecretKey: secretKey };
}
