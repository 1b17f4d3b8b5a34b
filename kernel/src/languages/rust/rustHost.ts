import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Log } from '../../log';
import { type ChildEnd, ChildProcess } from '../childProcess';
import { lines } from './lines';
import type { Event, Request, SnapshotPolicy, Versions } from './protocol';

/** How long an ended host's last events are waited for, in milliseconds. */
const DRAIN_TIMEOUT = 1_000;

/** The exit code of a host that evcxr failed in; the cell's error says what is lost (`host/src/session.rs`). */
const EVCXR_PANICKED = 70;

/** How much of the host's stderr is kept to explain its death, in characters. */
const STDERR_TAIL = 2_000;

/** The Rust host ended, or could not be started. */
export class RustHostError extends Error {
  override readonly name = 'RustHostError';

  /** `wanted`: it was shut down. */
  constructor(
    message: string,
    readonly wanted = false,
  ) {
    super(message);
  }
}

/** Events that end a request, and those that come before. */
export type HostEvent = Extract<Event, { id: number }>;

/** What the host reports by itself. */
export interface RustHostObserver {
  onReady(versions: Versions, snapshots: SnapshotPolicy): void;
  /** From now on this process holds the variables. */
  onHolder(pid: number): void;
  onUnavailable(message: string, help: string): void;
  /** The process ended without being told to. `announced`: its last cell has already said so. */
  onDeath(error: RustHostError, announced: boolean): void;
  /** Resolves when more output may be read. */
  room(): Promise<void>;
}

/** `ferrobook-runtime` in a process of its own; JSON lines on its stdin and stdout. */
export class RustHost {
  private readonly process: ChildProcess;
  private readonly listeners = new Map<
    number,
    { on(event: HostEvent): void; lost(error: Error): void }
  >();
  private ended: RustHostError | undefined;
  /** Resolves when all of its events have been read. */
  private readonly received: Promise<void>;

  private constructor(
    private readonly program: string,
    directory: string,
    private readonly observer: RustHostObserver,
    private readonly log: Log,
  ) {
    this.process = new ChildProcess(
      {
        name: 'Rust host',
        program,
        arguments: [],
        env: { FERROBOOK_PRIVATE_DIR: directory },
        stdin: 'pipe',
        stderrTail: STDERR_TAIL,
      },
      (end) => void this.drained().then(() => this.died(end)),
      log,
    );
    this.received = this.receive().catch(() => undefined);
  }

  /** Starts the program; it becomes ready by itself. */
  static async start(
    program: string,
    directory: string,
    observer: RustHostObserver,
    log: Log,
  ): Promise<RustHost> {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    return new RustHost(program, directory, observer, log);
  }

  get pid(): number | undefined {
    return this.process.pid;
  }

  /** Sends a request and hands every event with its id to `on`, until {@link release}. `lost`: the host has ended. */
  request(
    request: Extract<Request, { id: number }>,
    listener: { on(event: HostEvent): void; lost(error: Error): void },
  ): void {
    if (this.ended !== undefined) {
      listener.lost(this.ended);
      return;
    }
    this.listeners.set(request.id, listener);
    this.send(request);
  }

  /** Stops listening to a request's events. */
  release(id: number): void {
    this.listeners.delete(id);
  }

  /** Sends a request that has no closing event. */
  send(request: Request): void {
    this.process.stdin?.write(`${JSON.stringify(request)}\n`);
  }

  /** Ends what the running cell is at. A host that somebody has stopped goes on, or it could not obey. */
  interrupt(): void {
    this.send({ type: 'interrupt' });
    this.process.signal('SIGCONT');
  }

  /** Ends the process: politely, then by force. Resolves when it is gone. */
  async shutdown(): Promise<void> {
    await this.process.shutdown(() => {
      this.send({ type: 'shutdown' });
      this.process.stdin?.end();
    });
    this.end(shutDown());
  }

  /** The last events of a process that has ended may still be in the pipe. */
  private async drained(): Promise<void> {
    const enough = new Promise((resolve) => setTimeout(resolve, DRAIN_TIMEOUT).unref());
    await Promise.race([this.received, enough]);
  }

  private async receive(): Promise<void> {
    if (this.process.stdout === undefined) return;
    for await (const line of lines(this.process.stdout)) {
      let event: Event;
      try {
        event = JSON.parse(line) as Event;
      } catch {
        this.log.warn(
          { line: line.slice(0, 200) },
          'the Rust host wrote something that is not an event',
        );
        continue;
      }
      this.route(event);
      if (event.type === 'stream' || event.type === 'display') await this.observer.room();
    }
  }

  private route(event: Event): void {
    if (event.type === 'ready') this.observer.onReady(event.versions, event.snapshots);
    else if (event.type === 'holder') this.observer.onHolder(event.pid);
    else if (event.type === 'unavailable') this.observer.onUnavailable(event.message, event.help);
    else this.listeners.get(event.id)?.on(event);
  }

  private died({ wanted, how, code, stderr }: ChildEnd): void {
    if (this.ended !== undefined) return;
    if (wanted) {
      this.end(shutDown());
      return;
    }
    const tail = stderr.split('\n').slice(-5).join('\n');
    const error = new RustHostError(
      `the Rust process (${path.basename(this.program)}) ${how}${tail === '' ? '' : `\n${tail}`}`,
    );
    this.end(error);
    this.observer.onDeath(error, code === EVCXR_PANICKED);
  }

  private end(error: RustHostError): void {
    if (this.ended !== undefined) return;
    this.ended = error;
    for (const listener of [...this.listeners.values()]) listener.lost(error);
    this.listeners.clear();
  }
}

function shutDown(): RustHostError {
  return new RustHostError('Rust was shut down', true);
}
