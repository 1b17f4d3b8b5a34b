import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Connection } from './connection';
import { processesWith, type RunningProcess, untilNone } from './processes';
import { inTime } from './waiting';

const ROOT = path.join(__dirname, '../..');
const BUNDLE = path.join(ROOT, 'kernel/dist/ferrobook-kernel.cjs');

/** The interpreter of Python cells: the project's own environment. */
export const PYTHON =
  process.env['FERROBOOK_TEST_PYTHON'] ?? path.join(ROOT, '.venv/bin/python');

/** The directory with the Rust host's programs. */
export const RUNTIME = path.join(ROOT, 'rust-runtime/target/release');

/** All processes of a kernel inherit it, so that none can hide. */
const MARK = 'FERROBOOK_TEST_KERNEL';

/** How long what a kernel leaves behind may take to go, in milliseconds. */
const LEAVING = 5_000;

/** Lines of the kernel's log from this level on are a failure, unless a test expects them. */
const WARN = 40;

export interface ProcessOptions {
  defaultLanguage?: 'python' | 'rust';
  python?: string;
  runtime?: string;
  /** Added to the environment; `undefined` removes a variable. */
  env?: Record<string, string | undefined>;
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
  private judged = 0;
  private ended: Exit | undefined;

  private constructor(
    /** The directory that this kernel takes for `/tmp`. */
    readonly directory: string,
    arguments_: string[],
    options: ProcessOptions,
  ) {
    this.id = randomUUID();
    this.child = spawn(process.execPath, [BUNDLE, ...arguments_], {
      cwd: directory,
      stdio: ['ignore', 'inherit', 'pipe'],
      env: {
        ...process.env,
        TMPDIR: directory,
        IPYTHONDIR: path.join(directory, 'ipython'),
        FERROBOOK_LOG: 'warn',
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
        ...(options.defaultLanguage === undefined
          ? []
          : ['--default-language', options.defaultLanguage]),
      ],
      options,
    );
    return { process: kernel, connection: made };
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

  /** The warnings and errors of its log since the last call. */
  takeComplaints(): { level: number; msg: string }[] {
    const end = this.stderr.lastIndexOf('\n') + 1;
    const lines = this.stderr.slice(this.judged, end);
    this.judged = end;
    return lines
      .split('\n')
      .filter((line) => line !== '')
      .map((line): { level: number; msg: string } => {
        try {
          return JSON.parse(line) as { level: number; msg: string };
        } catch {
          return { level: WARN, msg: line };
        }
      })
      .filter(({ level }) => level >= WARN);
  }

  /** Its processes, its own included. */
  processes(): RunningProcess[] {
    return processesWith(MARK, this.id);
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
    const files = (await readdir(this.directory)).filter((name) => name.startsWith('ferrobook'));
    await rm(this.directory, { recursive: true, force: true });
    return [
      ...alive.map(({ pid, command }) => `process ${pid} is still there: ${command}`),
      ...(options.directoryMayStay === true ? [] : files.map((name) => `${name} is still there`)),
    ];
  }
}

/** A directory that vanishes with the kernel `process`. */
export async function directoryIn(kernel: KernelProcess, name: string): Promise<string> {
  const directory = path.join(kernel.directory, name);
  await mkdir(directory, { recursive: true });
  return directory;
}
