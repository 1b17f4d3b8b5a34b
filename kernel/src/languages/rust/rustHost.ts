import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Log } from '../../log';
import { signalGroup, waitForExit } from '../childProcess';
import { lines } from './lines';
import type { Event, Request, SnapshotPolicy, Versions } from './protocol';

/** How long a shutdown may take before the process is killed, in milliseconds. */
const SHUTDOWN_TIMEOUT = 2_000;

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
  private stderr = '';
  private ended: RustHostError | undefined;
  private stopping = false;

  private constructor(
    private readonly program: string,
    directory: string,
    private readonly observer: RustHostObserver,
    private readonly log: Log,
  ) {
    this.process = spawn(program, [], {
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, FERROBOOK_PRIVATE_DIR: directory },
    });
    this.process.on('error', (error) => this.died(`cannot be started: ${error.message}`));
    const received = this.receive();
    this.process.on('exit', (code, signal) => {
      // The last events may still be in the pipe.
      const timer = new Promise((resolve) => setTimeout(resolve, DRAIN_TIMEOUT).unref());
      void Promise.race([received, timer]).then(() =>
        this.died(
          signal === null ? `exited with code ${code ?? 0}` : `was ended by ${signal}`,
          code === EVCXR_PANICKED,
        ),
      );
    });
    this.process.stdin?.on('error', (error) =>
      this.log.debug({ err: error }, 'the Rust host is gone'),
    );
    this.process.stderr?.on('data', (data: Buffer) => {
      this.stderr = (this.stderr + data.toString()).slice(-STDERR_TAIL);
      this.log.debug({ text: data.toString() }, 'Rust host');
    });
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
    signalGroup(this.process, 'SIGCONT');
  }

  /** Ends the process: politely, then by force. Resolves when it is gone. */
  async shutdown(): Promise<void> {
    this.stopping = true;
    if (this.ended === undefined) {
      this.send({ type: 'shutdown' });
      this.process.stdin?.end();
      if (!(await waitForExit(this.process, SHUTDOWN_TIMEOUT))) {
        signalGroup(this.process, 'SIGKILL');
        await waitForExit(this.process, SHUTDOWN_TIMEOUT);
      }
    }
    this.end(shutDown());
  }

  private async receive(): Promise<void> {
    if (this.process.stdout === null) return;
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

  private died(how: string, announced = false): void {
    if (this.ended !== undefined) return;
    if (this.stopping) {
      this.end(shutDown());
      return;
    }
    const tail = this.stderr.trim().split('\n').slice(-5).join('\n');
    const error = new RustHostError(
      `the Rust process (${path.basename(this.program)}) ${how}${tail === '' ? '' : `\n${tail}`}`,
    );
    this.end(error);
    this.observer.onDeath(error, announced);
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
