import { type ChildProcess as NodeProcess, execFile, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { promisify } from 'node:util';
import type { Log } from '../log';

/** How long a shutdown may take before the process is killed, in milliseconds. */
const SHUTDOWN_TIMEOUT = 2_000;

/** What is started, and how. */
export interface ChildSpec {
  /** What the log calls it. */
  readonly name: string;
  readonly program: string;
  readonly arguments: readonly string[];
  /** What is set besides our own environment. */
  readonly env: NodeJS.ProcessEnv;
  /** Whether it reads from a pipe of ours. */
  readonly stdin: 'pipe' | 'ignore';
  /** How many characters are kept of what it writes to stderr last, to explain its death. */
  readonly stderrTail: number;
}

/** How a process has ended. */
export interface ChildEnd {
  /** It was told to. */
  readonly wanted: boolean;
  /** `exited with code 1`, `was ended by SIGKILL`, `cannot be started: …`. */
  readonly how: string;
  /** `null` after a signal. */
  readonly code: number | null;
  /** The end of what it has written to stderr. */
  readonly stderr: string;
}

/**
 * A process that a language runs in, from its start to its end. It has a process group of its own: signals reach what it has
 * started, and nothing of ours.
 */
export class ChildProcess {
  private readonly process: NodeProcess;
  private stderr = '';
  private stopping = false;
  private end: ChildEnd | undefined;

  /** `onEnd` is called once, whether the end was wanted or not. */
  constructor(
    spec: ChildSpec,
    private readonly onEnd: (end: ChildEnd) => void,
    log: Log,
  ) {
    this.process = spawn(spec.program, spec.arguments, {
      detached: true,
      stdio: [spec.stdin, 'pipe', 'pipe'],
      env: { ...process.env, ...spec.env },
    });
    this.process.on('error', (error) => this.ended(`cannot be started: ${error.message}`, null));
    this.process.on('exit', (code, signal) =>
      this.ended(
        signal === null ? `exited with code ${code ?? 0}` : `was ended by ${signal}`,
        code,
      ),
    );
    this.process.stdin?.on('error', (error) => log.debug({ err: error }, `${spec.name} is gone`));
    this.process.stderr?.on('data', (data: Buffer) => {
      this.stderr = (this.stderr + data.toString()).slice(-spec.stderrTail);
      log.debug({ text: data.toString() }, `${spec.name} stderr`);
    });
  }

  get pid(): number | undefined {
    return this.process.pid;
  }

  /** Its stdin, where it has one of ours. */
  get stdin(): Writable | undefined {
    return this.process.stdin ?? undefined;
  }

  get stdout(): Readable | undefined {
    return this.process.stdout ?? undefined;
  }

  /** Sends `signal` to the process group. A process that is gone is no error. */
  signal(signal: NodeJS.Signals): void {
    if (this.process.pid === undefined) return;
    try {
      process.kill(-this.process.pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }

  /** Ends the process: politely, as `ask` does it, then by force. Resolves when it is gone. */
  async shutdown(ask: () => void): Promise<void> {
    this.stopping = true;
    if (this.end !== undefined) return;
    ask();
    if (await this.hasExited(SHUTDOWN_TIMEOUT)) return;
    this.signal('SIGKILL');
    await this.hasExited(SHUTDOWN_TIMEOUT);
  }

  private ended(how: string, code: number | null): void {
    if (this.end !== undefined) return;
    this.end = { wanted: this.stopping, how, code, stderr: this.stderr.trim() };
    this.onEnd(this.end);
  }

  /** Whether it ended within `timeout` milliseconds. */
  private async hasExited(timeout: number): Promise<boolean> {
    const child = this.process;
    if (child.exitCode !== null || child.signalCode !== null) return true;
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        child.off('exit', onExit);
        resolve(false);
      }, timeout);
      const onExit = (): void => {
        clearTimeout(timer);
        resolve(true);
      };
      child.once('exit', onExit);
    });
  }
}

/** How much memory a process holds, in megabytes; `undefined` when it is gone. `ps` says it on Linux and macOS alike. */
export async function residentMb(pid: number): Promise<number | undefined> {
  try {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', String(pid)]);
    const kilobytes = Number(stdout.trim());
    return Number.isFinite(kilobytes) && kilobytes > 0 ? kilobytes / 1024 : undefined;
  } catch {
    return undefined;
  }
}
