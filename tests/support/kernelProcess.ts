import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Connection } from './connection';
import { processesWith, type RunningProcess, untilNone, untilSome } from './processes';
import { removeTree } from './removeTree';
import { inTime } from './waiting';

const ROOT = path.join(__dirname, '../..');
const BUNDLE = path.join(ROOT, 'kernel/dist/ferrobook-kernel.cjs');

/** The interpreter of Python cells: the project's own environment. */
export const PYTHON = process.env['FERROBOOK_TEST_PYTHON'] ?? path.join(ROOT, '.venv/bin/python');

/** The directory with the Rust host's programs. */
export const RUNTIME = path.join(ROOT, 'rust-runtime/target/release');

/**
 * All processes of a kernel inherit it, so that none can hide. Compilers and what cells start do not get variables
 * whose names begin as our own do.
 */
const MARK = 'KERNEL_UNDER_TEST';

/** How long what a kernel leaves behind may take to go, in milliseconds; it goes at once where the machine is idle. */
const LEAVING = 20_000;

/** Lines of the kernel's log from this level on are a failure, unless a test expects them. */
const WARN = 40;

export interface ProcessOptions {
  defaultLanguage?: 'python' | 'rust';
  /** Whether Rust starts with the kernel, as it does for users; otherwise with the first Rust cell. */
  warmUp?: boolean;
  /** A program and its arguments that start the kernel in turn, to stand between us and it. */
  parent?: string[];
  /** Another kernel than the usual bundle. */
  bundle?: string;
  python?: string;
  runtime?: string;
  /** Added to the environment; `undefined` removes a variable. */
  env?: Record<string, string | undefined>;
}

interface LogLine {
  level: number;
  msg: string;
}

/** How a kernel ended. */
export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** The real kernel in a process of its own, with everything that it might leave behind in one place. */
export class KernelProcess {
  readonly exited: Promise<Exit>;
  private readonly child: ChildProcess;
  private readonly id: string;
  private stderr = '';
  /** How much of it {@link takeComplaints} has gone through. */
  private judged = { log: 0, stderr: 0 };
  private ended: Exit | undefined;

  private constructor(
    /** The directory that this kernel takes for `/tmp`. */
    readonly directory: string,
    arguments_: string[],
    options: ProcessOptions,
  ) {
    this.id = randomUUID();
    const command = [
      ...(options.parent ?? []),
      process.execPath,
      options.bundle ?? BUNDLE,
      ...arguments_,
    ];
    this.child = spawn(String(command[0]), command.slice(1), {
      cwd: directory,
      stdio: ['ignore', 'inherit', 'pipe'],
      env: {
        ...process.env,
        TMPDIR: directory,
        IPYTHONDIR: path.join(directory, 'ipython'),
        XDG_STATE_HOME: path.join(directory, 'state'),
        // What an earlier test has compiled must not hide what this one compiles.
        FERROBOOK_CACHE_DIR: path.join(directory, 'cache'),
        [MARK]: this.id,
        ...options.env,
      },
    });
    this.child.stderr?.on('data', (data: Buffer) => {
      this.stderr += data.toString();
    });
    this.exited = new Promise((resolve) => {
      this.child.once('close', (code, signal) => {
        this.ended = { code, signal };
        resolve(this.ended);
      });
    });
  }

  static async start(
    connection: (directory: string) => Promise<Connection>,
    options: ProcessOptions,
  ): Promise<{ process: KernelProcess; connection: Connection }> {
    if (!existsSync(BUNDLE)) throw new Error(`${BUNDLE} is missing; make it with: npm run build`);
    const directory = await mkdtemp(path.join(os.tmpdir(), 'fb-'));
    const made = await connection(directory);
    const file = path.join(directory, 'connection.json');
    await writeFile(file, JSON.stringify(made), { mode: 0o600 });
    const kernel = new KernelProcess(
      directory,
      [
        ...['-f', file],
        ...['--python', options.python ?? PYTHON],
        ...['--runtime', options.runtime ?? RUNTIME],
        ...(options.warmUp === true ? [] : ['--no-warm-up']),
        ...(options.defaultLanguage === undefined
          ? []
          : ['--default-language', options.defaultLanguage]),
      ],
      options,
    );
    return { process: kernel, connection: made };
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  get running(): boolean {
    return this.ended === undefined;
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  async end(): Promise<Exit> {
    return inTime('the end of the kernel process', this.exited);
  }

  /** What it wrote to stderr. */
  get output(): string {
    return this.stderr;
  }

  /** The warnings and errors of its log since the last call, and what it wrote to stderr besides. */
  takeComplaints(): LogLine[] {
    const log = this.log();
    const lines = log.slice(this.judged.log).split('\n');
    const besides = this.stderr.slice(this.judged.stderr).split('\n');
    this.judged = { log: log.length, stderr: this.stderr.length };
    return [
      ...lines.filter((line) => line !== '').map((line) => JSON.parse(line) as LogLine),
      ...besides
        .filter((line) => line !== '' && !line.startsWith('{'))
        .map((line) => ({ level: WARN, msg: line })),
    ].filter(({ level }) => level >= WARN);
  }

  /** All of its log so far, as JSON lines. */
  log(): string {
    const file = path.join(this.directory, 'state/ferrobook', `kernel-${this.child.pid ?? ''}.log`);
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  }

  /** How often its log says this. */
  said(text: string): number {
    return this.log().split(text).length - 1;
  }

  /** Resolves when its log has said this so many times. */
  async untilSaid(text: string, times: number): Promise<void> {
    const enough = await untilSome(() => (this.said(text) >= times ? [text] : []));
    if (enough.length === 0) throw new Error(`the log does not say "${text}" ${times} times`);
  }

  /** Its processes, its own included. */
  processes(): RunningProcess[] {
    return processesWith(MARK, this.id);
  }

  /** What kernels that take {@link directory} for `/tmp` keep there. */
  privateDirectories(): string[] {
    return readdirSync(this.directory).filter((name) => name.startsWith('ferrobook'));
  }

  /** Removes everything of an ended kernel and resolves with what should not have been there any more. */
  async leftovers(options: { directoryMayStay?: boolean } = {}): Promise<string[]> {
    const alive = await untilNone(() => this.processes(), LEAVING);
    for (const { pid } of alive) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // gone in the meantime
      }
    }
    const files = this.privateDirectories();
    await removeTree(this.directory);
    return [
      ...alive.map(({ pid, command }) => `process ${pid} is still there: ${command}`),
      ...(options.directoryMayStay === true ? [] : files.map((name) => `${name} is still there`)),
    ];
  }
}
