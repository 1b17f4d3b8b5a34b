import { execFileSync } from 'node:child_process';
import {
  closeSync,
  constants,
  existsSync,
  openSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { ExecuteOptions } from './client';
import type { Kernel } from './kernel';
import { untilSome } from './processes';
import type { Request } from './request';
import { type Role, roles } from './roles';
import type { Message } from './wire';

/** What a kernel may be doing when something goes wrong. */
export type Moment =
  | 'nothing runs'
  | 'a Rust cell compiles'
  | 'cargo compiles a Rust cell'
  | 'a Rust cell runs'
  | 'a Rust cell prints'
  | 'a Rust cell waits for input'
  | 'a Python cell runs'
  | 'a Python cell prints'
  | 'a Python cell waits for input';

/** Rust cells of which the code runs. */
export const RUST_CELLS = [
  'a Rust cell runs',
  'a Rust cell prints',
  'a Rust cell waits for input',
] as const satisfies Moment[];

export const PYTHON_CELLS = [
  'a Python cell runs',
  'a Python cell prints',
  'a Python cell waits for input',
] as const satisfies Moment[];

/** A cell that has come to a moment, stays there, and ends well once it is let go. */
export interface Scene {
  readonly cell: Request;
  readonly letGo: () => Promise<void>;
}

/** The cell's file: it runs until the file is there. */
function flagOf(kernel: Kernel): string {
  return path.join(kernel.process.directory, 'let-go');
}

/** Begins a cell that runs until it is let go. */
export function begin(kernel: Kernel, moment: Moment, options: ExecuteOptions = {}): Scene {
  const flag = flagOf(kernel);
  rmSync(flag, { force: true });
  const code = codeFor(moment, flag, makePipe(kernel));
  const cell = kernel.execute(code, { allow_stdin: true, stop_on_error: false, ...options });
  return { cell, letGo: letter(moment, cell, flag) };
}

/** Begins a cell and resolves when it has come to `moment`. */
export async function bringTo(
  kernel: Kernel,
  moment: Moment,
  options: ExecuteOptions = {},
): Promise<Scene> {
  const scene = begin(kernel, moment, options);
  const { cell } = scene;
  switch (moment) {
    case 'a Rust cell compiles':
    case 'cargo compiles a Rust cell':
      await processOf(kernel, 'rustc');
      return scene;
    case 'a Rust cell waits for input':
    case 'a Python cell waits for input': {
      const question = await cell.question();
      return { cell, letGo: () => cell.answerWith('an answer', question) };
    }
    default:
      await cell.nextText(moment.endsWith('prints') ? '\n1000\n' : 'going\n');
      return scene;
  }
}

/** The process that has this role, as soon as there is one. */
export async function processOf(kernel: Kernel, role: Role): Promise<number> {
  const found = await untilSome(() => {
    const pid = roles(kernel).get(role);
    return pid === undefined ? [] : [pid];
  });
  const [pid] = found;
  if (pid === undefined) throw new Error(`there is no ${role}`);
  return pid;
}

/** The last cell's level of optimisation. */
let level = 3;

function codeFor(moment: Moment, flag: string, pipe: string): string {
  switch (moment) {
    case 'a Rust cell compiles':
      // A compiler that opens a named pipe waits for somebody to write into it.
      return `%%rust\nprintln!("{}", include_str!("${pipe}"));`;
    case 'cargo compiles a Rust cell':
      // cargo is asked when the profile is another one.
      level = level === 3 ? 2 : 3;
      return `%%rust\n:opt ${level}\nprintln!("{}", include_str!("${pipe}"));`;
    case 'a Rust cell runs':
      return `%%rust\nprintln!("going");\nwhile !std::path::Path::new("${flag}").exists() {}`;
    case 'a Rust cell prints':
      return `%%rust
for i in 0.. {
    println!("{i}");
    if i % 100 == 0 {
        if std::path::Path::new("${flag}").exists() { break; }
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
}`;
    case 'a Rust cell waits for input':
      return '%%rust\nlet mut line = String::new();\nstd::io::stdin().read_line(&mut line).unwrap();';
    case 'a Python cell runs':
      return `import os\nprint("going", flush=True)\nwhile not os.path.exists("${flag}"): pass`;
    case 'a Python cell prints':
      return `import itertools, os, time
for i in itertools.count():
    print(i)
    if i % 100 == 0:
        if os.path.exists("${flag}"): break
        time.sleep(.001)`;
    case 'a Python cell waits for input':
      return 'answer = input()';
    case 'nothing runs':
      throw new Error('nothing runs, so there is no code for it');
  }
}

function letter(moment: Moment, cell: Request, flag: string): () => Promise<void> {
  switch (moment) {
    case 'a Rust cell compiles':
    case 'cargo compiles a Rust cell':
      return () => fillPipe(cell, path.join(path.dirname(flag), 'pipe'));
    case 'a Rust cell waits for input':
    case 'a Python cell waits for input':
      return async () => {
        const question: Message = await cell.question();
        await cell.answerWith('an answer', question);
      };
    default:
      return async () => {
        writeFileSync(flag, '');
        await Promise.resolve();
      };
  }
}

function makePipe(kernel: Kernel): string {
  const pipe = path.join(kernel.process.directory, 'pipe');
  if (!existsSync(pipe)) execFileSync('mkfifo', [pipe]);
  return pipe;
}

/** Gives each compiler that reads the pipe something to read, until the cell is over: a cell may be built twice. */
async function fillPipe(cell: Request, pipe: string): Promise<void> {
  while (!cell.finished) {
    try {
      const file = openSync(pipe, constants.O_WRONLY | constants.O_NONBLOCK);
      writeSync(file, 'compiled');
      closeSync(file);
    } catch {
      // nobody reads at this moment
    }
    await pause(20);
  }
}
