import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Dealer, Subscriber } from 'zeromq';
import type { Log } from '../../log';
import { decode, encode } from '../../wire/frames';
import {
  type Envelope,
  type JsonFrames,
  type JsonObject,
  contentOf,
  jsonFrame,
  newHeader,
  parentIdOf,
} from '../../wire/message';
import { Signer } from '../../wire/signing';
import { type ChildEnd, ChildProcess } from '../childProcess';

/** How long ipykernel may take to come up, in milliseconds: imports from a cold network disk are slow. */
const START_TIMEOUT = 120_000;

/** Pause between two attempts to reach a starting ipykernel, in milliseconds; the second for one that is slow. */
const NUDGE_INTERVAL = { usual: 40, slow: 500 };

/** From when on a start is slow, in milliseconds. */
const SLOW_START = 5_000;

/** How long an ipykernel that answers may still take to be connected on stdin, in milliseconds. */
const HANDSHAKE_TIMEOUT = 5_000;

/** How long a reply may lag behind the idle status that follows it, on another socket, in milliseconds. */
const REPLY_LAG = 2_000;

/** After how long without a sign of a request ipykernel is asked whether it took it, in milliseconds. */
const SIGN_TIMEOUT = 1_000;

/** The same for a cell that was interrupted: its interrupt may have hit ipykernel's own code, which then gives none. */
const REPLY_LAG_INTERRUPTED = 300;

/**
 * How many of ipykernel's messages ZeroMQ reads ahead. With more of them ipykernel's own socket fills up, which makes
 * whoever prints wait (`kernel/python/ferrobook/_bridge/backpressure.py`).
 */
const OUTPUT_MARK = 32;

/** How much of a failing start's stderr is shown, in characters. */
const STDERR_TAIL = 4_000;

/** ipykernel ended, or never came up. */
export class ChildKernelError extends Error {
  override readonly name = 'ChildKernelError';

  /** `wanted`: it was shut down. */
  constructor(
    message: string,
    readonly wanted = false,
  ) {
    super(message);
  }
}

/** An interrupt ended a cell before it got to a reply. */
export class Interrupted extends Error {
  override readonly name = 'KeyboardInterrupt';
}

/** A line magic that ipykernel hands to the bridge. */
export interface LineMagic {
  readonly name: string;
  /** Its docstring. */
  readonly help: string;
}

/** What a child kernel reports by itself. */
export interface ChildKernelObserver {
  /** Something on iopub that belongs to a client's request, or to none. Statuses are left out. */
  onOutput(message: Envelope): void | Promise<void>;
  /** The running cell asks for input. */
  onInputRequest(content: JsonObject): void;
  /** The process ended without being told to. */
  onDeath(error: ChildKernelError): void;
  /** Resolves when more output may be read. */
  room(): Promise<void>;
}

interface Pending {
  readonly wantsReply: boolean;
  /** Output of the bridge's own requests is nobody's business. */
  readonly internal: boolean;
  /**
   * What ipykernel publishes when it begins with it: before, it ignores SIGINT. `undefined` once that has come, or
   * where it does not matter.
   */
  beginsWith?: 'busy' | 'echo' | undefined;
  interrupted: boolean;
  reply?: Envelope;
  /** ipykernel has begun with it. */
  begun: boolean;
  idle: boolean;
  resolve(reply: Envelope | undefined): void;
  reject(error: Error): void;
}

/**
 * An unmodified ipykernel in a process of its own, reached over ipc sockets in a private directory with a key of its
 * own. Client messages are forwarded with their header as it is, so that what comes back names the right parent.
 *
 * What ipykernel signs is not verified: who can write to those sockets can read the key that lies beside them.
 */
export class ChildKernel {
  private readonly key = randomUUID();
  private readonly signer = new Signer(this.key);
  private readonly session = randomUUID();
  private readonly pending = new Map<string, Pending>();
  private readonly shell: Dealer;
  private readonly control: Dealer;
  private readonly stdin: Dealer;
  private readonly iopub: Subscriber;
  private sending: Promise<void> = Promise.resolve();
  private process: ChildProcess | undefined;
  private ended: ChildKernelError | undefined;
  private stopping = false;

  constructor(
    private readonly python: string,
    private readonly launcher: string,
    private readonly directory: string,
    private readonly magics: readonly LineMagic[],
    private readonly observer: ChildKernelObserver,
    private readonly log: Log,
  ) {
    const options = { linger: 0, receiveHighWaterMark: 0, sendHighWaterMark: 0 };
    // ipykernel sends an input_request to the identity that the execute_request came from.
    const routingId = randomUUID();
    this.shell = new Dealer({ ...options, routingId });
    this.stdin = new Dealer({ ...options, routingId });
    this.control = new Dealer(options);
    this.iopub = new Subscriber({ linger: 0, receiveHighWaterMark: OUTPUT_MARK });
  }

  /** The process id; `undefined` before {@link start}. */
  get pid(): number | undefined {
    return this.process?.pid;
  }

  /** Whether a client's request is being answered. */
  get serving(): boolean {
    return [...this.pending.values()].some((pending) => !pending.internal);
  }

  /** Starts the process and resolves when it answers. Throws a {@link ChildKernelError} with the end of its stderr. */
  async start(): Promise<void> {
    const endpoint = path.join(this.directory, 'zmq');
    const ports = { shell_port: 1, iopub_port: 2, stdin_port: 3, control_port: 4, hb_port: 5 };
    const connectionFile = path.join(this.directory, 'connection.json');
    await mkdir(this.directory, { recursive: true, mode: 0o700 });
    await writeFile(
      connectionFile,
      JSON.stringify({
        transport: 'ipc',
        ip: endpoint,
        ...ports,
        key: this.key,
        signature_scheme: 'hmac-sha256',
      }),
      { mode: 0o600 },
    );
    // `ferrobook/_bridge/relay.py` registers them.
    await writeFile(path.join(this.directory, 'magics.json'), JSON.stringify(this.magics), {
      mode: 0o600,
    });
    if (this.ended !== undefined) throw this.ended;
    // ipykernel drops a question that it asks before its end of this connection is there.
    const stdinIsUp = new Promise<void>((resolve) => {
      this.stdin.events.on('handshake', () => {
        resolve();
      });
    });
    this.launch(connectionFile);
    this.shell.connect(`ipc://${endpoint}-${ports.shell_port}`);
    this.control.connect(`ipc://${endpoint}-${ports.control_port}`);
    this.stdin.connect(`ipc://${endpoint}-${ports.stdin_port}`);
    this.iopub.connect(`ipc://${endpoint}-${ports.iopub_port}`);
    this.iopub.subscribe();
    void this.receiveReplies(this.shell);
    void this.receiveReplies(this.control);
    void this.receiveInputRequests();
    void this.receiveOutput();
    await this.untilAnswering();
    const enough = new Promise((resolve) => setTimeout(resolve, HANDSHAKE_TIMEOUT).unref());
    await Promise.race([stdinIsUp, enough]);
  }

  /**
   * Sends a client's message on, its header unchanged. Resolves with the reply when the child has gone idle again, all
   * output included; with `undefined` for comm messages, which have no reply. Rejects when the child ends.
   */
  forward(
    channel: 'shell' | 'control',
    request: Envelope,
    content: Buffer = request.frames.content,
    silent = false,
  ): Promise<Envelope | undefined> {
    return this.request(channel, request.header.msg_id, request.header.msg_type, {
      frames: { ...request.frames, content },
      buffers: request.buffers,
      internal: false,
      // Only cells are echoed, and not all; what else a client asks for is short.
      beginsWith:
        request.header.msg_type !== 'execute_request' ? undefined : silent ? 'busy' : 'echo',
    });
  }

  /** Asks something for the bridge itself; its output on iopub is dropped. Resolves with the reply's content. */
  async ask(
    channel: 'shell' | 'control',
    msgType: string,
    content: JsonObject,
  ): Promise<JsonObject> {
    const header = newHeader(msgType, this.session);
    const reply = await this.request(channel, header.msg_id, msgType, {
      frames: {
        header: jsonFrame(header),
        parentHeader: jsonFrame({}),
        metadata: jsonFrame({}),
        content: jsonFrame(content),
      },
      buffers: [],
      internal: true,
      beginsWith: undefined,
    });
    return reply === undefined ? {} : contentOf(reply);
  }

  /** Answers the input request that {@link ChildKernelObserver.onInputRequest} announced. */
  answerInput(value: string): void {
    this.send(this.stdin, {
      header: jsonFrame(newHeader('input_reply', this.session)),
      parentHeader: jsonFrame({}),
      metadata: jsonFrame({}),
      content: jsonFrame({ status: 'ok', value }),
    });
  }

  /** Whether the process ended without being told to. */
  get died(): boolean {
    return this.ended?.wanted === false;
  }

  /**
   * SIGINT to the process group: KeyboardInterrupt in the cell, and the end of what the cell started. A cell that
   * ipykernel has not begun with is interrupted when it begins.
   */
  interrupt(): void {
    const served = [...this.pending.values()].filter((pending) => !pending.internal);
    for (const pending of served) pending.interrupted = true;
    if (served.some((pending) => pending.beginsWith === undefined)) this.process?.signal('SIGINT');
    this.wake();
  }

  /** Lets a process go on that somebody has stopped: the signal would wait, too. */
  wake(): void {
    this.process?.signal('SIGCONT');
  }

  /** Ends the process: politely, then by force. Resolves when it is gone. */
  async shutdown(): Promise<void> {
    this.stopping = true;
    await this.process?.shutdown(() => {
      void this.ask('control', 'shutdown_request', { restart: false }).catch(() => undefined);
    });
    this.end(shutDown());
  }

  private launch(connectionFile: string): void {
    this.process = new ChildProcess(
      {
        name: 'ipykernel',
        program: this.python,
        // As in ipykernel's own kernelspec: with frozen modules debugpy misses breakpoints, and warns in the first cell.
        arguments: ['-Xfrozen_modules=off', this.launcher, '-f', connectionFile],
        env: { JPY_PARENT_PID: String(process.pid) },
        stdin: 'ignore',
        stderrTail: STDERR_TAIL,
      },
      (end) => this.onEnd(end),
      this.log,
    );
    this.process.stdout?.on('data', (data: Buffer) =>
      this.log.debug({ text: data.toString() }, 'ipykernel stdout'),
    );
  }

  private onEnd({ wanted, how, stderr }: ChildEnd): void {
    if (this.ended !== undefined) return;
    if (wanted) {
      this.end(shutDown());
      return;
    }
    const error = new ChildKernelError(
      `the Python process (${this.python}) ${how}${stderr === '' ? '' : `\n${stderr}`}`,
    );
    this.end(error);
    this.observer.onDeath(error);
  }

  private end(error: ChildKernelError): void {
    if (this.ended !== undefined) return;
    this.ended = error;
    for (const socket of [this.shell, this.control, this.stdin, this.iopub]) socket.close();
    for (const pending of [...this.pending.values()]) pending.reject(error);
    this.pending.clear();
  }

  /** A subscription takes effect some time after `connect`, so ask until an answer comes back on both sides. */
  private async untilAnswering(): Promise<void> {
    const deadline = performance.now() + START_TIMEOUT;
    const slow = performance.now() + SLOW_START;
    const attempts: Promise<unknown>[] = [];
    for (;;) {
      const interval = NUDGE_INTERVAL[performance.now() > slow ? 'slow' : 'usual'];
      attempts.push(this.ask('control', 'kernel_info_request', {}));
      const timer = new Promise((resolve) => setTimeout(resolve, interval, 'waiting'));
      const outcome = await Promise.race([...attempts, timer]);
      if (outcome !== 'waiting') break;
      if (performance.now() > deadline) {
        this.process?.signal('SIGKILL');
        throw new ChildKernelError(
          `the Python process (${this.python}) did not answer within ${START_TIMEOUT / 1000} s`,
        );
      }
    }
    for (const attempt of attempts) attempt.catch(() => undefined);
  }

  private request(
    channel: 'shell' | 'control',
    id: string,
    msgType: string,
    message: { frames: JsonFrames; buffers: readonly Buffer[] } & Pick<
      Pending,
      'internal' | 'beginsWith'
    >,
  ): Promise<Envelope | undefined> {
    if (this.ended !== undefined) return Promise.reject(this.ended);
    if (this.pending.has(id)) {
      return Promise.reject(
        new ChildKernelError(`a request with the msg_id ${id} is not over yet`),
      );
    }
    return new Promise((resolve, reject) => {
      const pending: Pending = {
        wantsReply: !msgType.startsWith('comm_') || msgType === 'comm_info_request',
        internal: message.internal,
        begun: false,
        beginsWith: message.beginsWith,
        interrupted: false,
        idle: false,
        resolve,
        reject,
      };
      this.pending.set(id, pending);
      this.send(this[channel], message.frames, message.buffers);
      if (!message.internal) this.expectSign(channel, id, pending);
    });
  }

  /**
   * ipykernel drops without a word what it cannot read, such as a date of the 32nd of a month. It reads a channel in
   * order: once it answers a later question, it will not begin with the request any more.
   */
  private expectSign(channel: 'shell' | 'control', id: string, pending: Pending): void {
    const dropped = (): boolean => this.pending.get(id) === pending && !pending.begun;
    setTimeout(() => {
      if (!dropped()) return;
      this.ask(channel, 'kernel_info_request', {}).then(
        () => {
          if (!dropped()) return;
          this.pending.delete(id);
          pending.reject(new ChildKernelError('ipykernel cannot read this request'));
        },
        () => undefined, // the child has ended, which its requests have been told
      );
    }, SIGN_TIMEOUT).unref();
  }

  private send(socket: Dealer, frames: JsonFrames, buffers: readonly Buffer[] = []): void {
    const parts = encode(this.signer, { identities: [], frames, buffers });
    this.sending = this.sending
      .then(() => socket.send(parts))
      .catch((error: unknown) => {
        if (this.ended === undefined)
          this.log.warn({ err: error }, 'a message to ipykernel was lost');
      });
  }

  private async receiveReplies(socket: Dealer): Promise<void> {
    for await (const parts of socket) {
      await this.guarded(() => {
        const reply = decode(parts);
        const pending = this.pending.get(parentIdOf(reply) ?? '');
        if (pending === undefined) return;
        pending.reply = reply;
        this.settle(reply, pending);
      });
    }
  }

  private async receiveInputRequests(): Promise<void> {
    for await (const parts of this.stdin) {
      await this.guarded(() => this.observer.onInputRequest(contentOf(decode(parts))));
    }
  }

  private async receiveOutput(): Promise<void> {
    for await (const parts of this.iopub) {
      await this.guarded(() => this.routeOutput(decode(parts)));
      await this.observer.room();
    }
  }

  private routeOutput(message: Envelope): void | Promise<void> {
    const { msg_type: type } = message.header;
    // The session echoes the cells of every language; a second `execute_input` would be one too many.
    if (type === 'iopub_welcome') return;
    const pending = this.pending.get(parentIdOf(message) ?? '');
    if (type === 'execute_input') {
      this.begin(pending, 'echo');
      return;
    }
    if (type === 'status') {
      if (pending === undefined) return;
      pending.begun = true;
      this.begin(pending, 'busy');
      if (contentOf(message)['execution_state'] === 'idle') {
        pending.idle = true;
        this.settle(message, pending);
        this.expectReply(message, pending);
      }
      return;
    }
    // What an ipykernel that goes has to say about itself is nobody's business either.
    if (pending?.internal === true || (this.stopping && pending === undefined)) return;
    return this.observer.onOutput(message);
  }

  /** The cell's own code is about to run. */
  private begin(pending: Pending | undefined, sign: 'busy' | 'echo'): void {
    if (pending?.beginsWith !== sign) return;
    delete pending.beginsWith;
    if (pending.interrupted) this.process?.signal('SIGINT');
  }

  private settle(message: Envelope, pending: Pending): void {
    if (!pending.idle || (pending.wantsReply && pending.reply === undefined)) return;
    this.pending.delete(parentIdOf(message) ?? '');
    pending.resolve(pending.reply);
  }

  /** ipykernel gives no reply to what its handlers fail on; it only logs. */
  private expectReply(idle: Envelope, pending: Pending): void {
    const id = parentIdOf(idle) ?? '';
    if (this.pending.get(id) !== pending) return;
    const lag = pending.interrupted ? REPLY_LAG_INTERRUPTED : REPLY_LAG;
    setTimeout(() => {
      if (this.pending.get(id) !== pending) return;
      this.pending.delete(id);
      pending.reject(
        pending.interrupted
          ? new Interrupted('the cell was interrupted')
          : new ChildKernelError('ipykernel did not answer; the request may be malformed'),
      );
    }, lag).unref();
  }

  private async guarded(handle: () => void | Promise<void>): Promise<void> {
    try {
      await handle();
    } catch (error) {
      this.log.warn({ reason: (error as Error).message }, 'a message from ipykernel was dropped');
    }
  }
}

/** Says that an ipykernel is gone because it was told to go. */
export function shutDown(): ChildKernelError {
  return new ChildKernelError('Python was shut down', true);
}
