import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Request } from '../support/request';
import type { Outcome } from './notebook';
import type { Session } from './session';

/** Something that a user does, with what must come of it. */
export interface Action {
  name: string;
  weight: number;
  /** Whether it breaks something, so that the variables are looked at afterwards. */
  fault: boolean;
  run(session: Session): Promise<void>;
}

/** Pause before an interrupt is repeated that came too early to hit the cell, in milliseconds. */
const AGAIN = 2_000;

function action(name: string, weight: number, run: Action['run']): Action {
  return { name, weight, fault: false, run };
}

function fault(name: string, weight: number, run: Action['run']): Action {
  return { name, weight, fault: true, run };
}

/** A Rust cell that changes `v`, and then goes wrong: the change must not be seen. */
function rustFault(name: string, weight: number, code: string, error: RegExp): Action {
  return fault(name, weight, async (session) => {
    session.expectError(await session.rust(`v.push(${session.number()});\n${code}`), error);
  });
}

/** Interrupts once after a random time, as users do, and again while that did not help. */
function interrupting(session: Session, most: number): (request: Request) => Promise<void> {
  return async (request) => {
    for (let wait = session.random.below(most); ; wait = AGAIN) {
      await Promise.race([pause(wait), request.done().catch(() => undefined)]);
      if (request.finished) return;
      await session.notebook.client
        .interrupt()
        .done()
        .catch(() => undefined);
    }
  };
}

/** Kills what plays a role, a random time after the cell has started. */
function killing(
  session: Session,
  role: 'ipykernel' | 'host',
  most: number,
): (request: Request) => Promise<void> {
  return async (request) => {
    await request.started();
    await pause(session.random.below(most));
    for (const pid of session.notebook.pids(role)) process.kill(pid, 'SIGKILL');
  };
}

/** Kills what plays a role while nothing runs; resolves when the kernel knows, so that the next request does not reach it. */
async function kill(session: Session, role: 'ipykernel' | 'host'): Promise<void> {
  const { notebook } = session;
  const death = 'a language ended unexpectedly';
  const before = notebook.process.said(death);
  const pids = notebook.pids(role);
  for (const pid of pids) process.kill(pid, 'SIGKILL');
  if (pids.length > 0) await notebook.process.untilSaid(death, before + 1);
}

/** What is known of a variable after an interrupt: it is as before, or as after. */
async function either(
  session: Session,
  language: 'rust' | 'python',
  before: number[],
  after: number[],
  outcome: Outcome,
): Promise<void> {
  if (language === 'rust') {
    session.model.rust = outcome.status === 'ok' ? after : before;
    return;
  }
  const { outputs } = await session.python('len(l)');
  const length = JSON.stringify([{ result: { 'text/plain': String(after.length) } }]);
  session.model.python = JSON.stringify(outputs) === length ? after : before;
}

const rustCells: Action[] = [
  action('Rust expression', 6, async (session) => {
    const [a, b] = [session.number(), session.number()];
    session.expectShown(await session.rust(`${a}i64 + ${b}`), {
      result: { 'text/plain': String(a + b) },
    });
  }),
  action('Rust change', 8, async (session) => {
    const n = session.number();
    session.model.rust?.push(n);
    session.expectShown(await session.rust(`v.push(${n});\nv.len()`), {
      result: { 'text/plain': String(session.model.rust?.length) },
    });
  }),
  action('Rust definition', 4, async (session) => {
    const name = `f${session.random.below(5)}`;
    const n = session.number();
    session.expectShown(await session.rust(`fn ${name}(x: i64) -> i64 { x + ${n} }`));
    session.expectShown(await session.rust(`${name}(1)`), {
      result: { 'text/plain': String(n + 1) },
    });
  }),
  action('Rust variable', 3, async (session) => {
    session.expectShown(
      await session.rust(`let s${session.random.below(5)} = ${session.number()}i64;`),
    );
  }),
  action('Rust prints', 4, async (session) => {
    const lines = 1 + session.random.below(200);
    const all = (name: string): string =>
      Array.from({ length: lines }, (_, i) => `${name} ${i}\n`).join('');
    session.expectShown(
      await session.rust(
        `for i in 0..${lines} { println!("out {i}"); }\nfor i in 0..${lines} { eprintln!("err {i}"); }`,
      ),
      { stdout: all('out') },
      { stderr: all('err') },
    );
  }),
  action('Rust displays', 3, async (session) => {
    const count = 1 + session.random.below(20);
    session.expectShown(
      await session.rust(
        `for i in 0..${count} { println!("EVCXR_BEGIN_CONTENT text/html\\n<b>{i}</b>\\nEVCXR_END_CONTENT"); }\nlet shown = 0;`,
      ),
      ...Array.from({ length: count }, (_, i) => ({ display: { 'text/html': `<b>${i}</b>` } })),
    );
  }),
  action('Rust input', 2, async (session) => {
    const n = session.number();
    const outcome = await session.rust(
      'let mut line = String::new();\nstd::io::stdin().read_line(&mut line).unwrap();\nv.push(line.trim().parse().unwrap());',
      { allow_stdin: true },
      async (request) => request.answerWith(String(n), await request.question()),
    );
    session.expectShown(outcome);
    session.model.rust?.push(n);
  }),
  action('Rust completion', 2, async (session) => {
    const reply = await session.notebook.ask(session.notebook.client.complete('%%rust\nv.is_emp'));
    if (JSON.stringify(reply['matches']).includes('is_empty')) return;
    session.mismatch('expected is_empty', reply);
  }),
  action('Rust help', 1, async (session) => {
    await session.notebook.ask(session.notebook.client.inspect('%%rust\nv'));
  }),
  action('Rust completeness', 1, async (session) => {
    const reply = await session.notebook.ask(
      session.notebook.client.isComplete('%%rust\nif true {'),
    );
    if (reply['status'] !== 'incomplete') session.mismatch('expected incomplete', reply);
  }),
  rustFault('Rust type error', 3, 'let wrong: i32 = "text";', /E0308/),
  // A panic unwinds: what was changed before it stays, as with Python's exceptions.
  action('Rust panic', 3, async (session) => {
    const n = session.number();
    session.expectError(
      await session.rust(`v.push(${n});\npanic!("on purpose");`),
      /^panic\non purpose/,
    );
    session.model.rust?.push(n);
  }),
];

const rustFaults: Action[] = [
  rustFault('Rust abort', 1.5, 'std::process::abort();', /SIGABRT/),
  rustFault(
    'Rust segfault',
    1.5,
    'unsafe { std::hint::black_box(std::ptr::null::<u8>()).read_volatile() };',
    /SIGSEGV/,
  ),
  rustFault('Rust exit', 1.5, 'std::process::exit(3);', /exit/i),
  rustFault(
    'Rust stack overflow',
    1.5,
    'fn deep(n: u64) -> u64 { let a = std::hint::black_box([n; 1000]); deep(n + 1) + a[7] }\nprintln!("{}", deep(0));',
    /SIGSEGV|SIGABRT|overflow/,
  ),
  fault('Rust interrupt of a loop', 3, async (session) => {
    const outcome = await session.rust(
      `v.push(${session.number()});\nloop { std::hint::black_box(()); }`,
      {},
      interrupting(session, 800),
    );
    session.expectError(outcome, /^Interrupted/);
  }),
  fault('Rust interrupt at any moment', 2, async (session) => {
    const before = session.model.rust ?? [];
    const n = session.number();
    const outcome = await session.rust(`v.push(${n});`, {}, interrupting(session, 300));
    if (outcome.status !== 'ok') session.expectError(outcome, /^Interrupted/);
    await either(session, 'rust', before, [...before, n], outcome);
  }),
  fault('Rust cell process killed', 1.5, async (session) => {
    const outcome = await session.rust(
      `v.push(${session.number()});\nprintln!("{}", std::process::id());\nloop { std::hint::black_box(()); }`,
      {},
      async (request) => {
        const pid = Number(await request.nextText('\n'));
        await pause(session.random.below(100));
        process.kill(pid, 'SIGKILL');
      },
    );
    session.expectError(outcome, /SIGKILL/);
  }),
  fault('Rust host killed while a cell runs', 0.7, async (session) => {
    const outcome = await session.rust('loop {}', {}, killing(session, 'host', 600));
    session.expectError(outcome, /SIGKILL[^]*variables and items are lost/);
    session.model.rust = undefined;
    session.expectError(await session.rust('v'), /E0425/);
  }),
  fault('Rust host killed between cells', 0.5, async (session) => {
    await kill(session, 'host');
    session.model.rust = undefined;
    session.expectError(await session.rust('v'), /E0425|lost/);
  }),
];

const pythonCells: Action[] = [
  action('Python expression', 6, async (session) => {
    const [a, b] = [session.number(), session.number()];
    session.expectShown(await session.python(`${a} + ${b}`), {
      result: { 'text/plain': String(a + b) },
    });
  }),
  action('Python change', 8, async (session) => {
    const n = session.number();
    session.model.python?.push(n);
    session.expectShown(await session.python(`l.append(${n})\nlen(l)`), {
      result: { 'text/plain': String(session.model.python?.length) },
    });
  }),
  action('Python definition', 3, async (session) => {
    const n = session.number();
    session.expectShown(await session.python(`def f(x): return x + ${n}`));
    session.expectShown(await session.python('f(1)'), { result: { 'text/plain': String(n + 1) } });
  }),
  action('Python prints', 4, async (session) => {
    const lines = 1 + session.random.below(1_000);
    session.expectShown(await session.python(`for i in range(${lines}): print("line", i)`), {
      stdout: Array.from({ length: lines }, (_, i) => `line ${i}\n`).join(''),
    });
  }),
  action('Python displays', 3, async (session) => {
    const count = 1 + session.random.below(50);
    session.expectShown(
      await session.python(
        `from IPython.display import display\nfor i in range(${count}): display(i)`,
      ),
      ...Array.from({ length: count }, (_, i) => ({ display: { 'text/plain': String(i) } })),
    );
  }),
  action('Python error', 4, async (session) => {
    const n = session.number();
    session.expectError(await session.python(`l.append(${n})\n1 / 0`), /ZeroDivisionError/);
    session.model.python?.push(n);
  }),
  action('Python input', 2, async (session) => {
    const n = session.number();
    const outcome = await session.python(
      'l.append(int(input()))',
      { allow_stdin: true },
      async (request) => request.answerWith(String(n), await request.question()),
    );
    session.expectShown(outcome);
    session.model.python?.push(n);
  }),
  action('Python comm', 3, async (session) => {
    const { client } = session.notebook;
    const id = randomUUID();
    await session.notebook.tell(client.commOpen('soak', id));
    const message = client.commMessage(id, { ping: id });
    const outputs = await message.outputs();
    if (!JSON.stringify(outputs).includes(`"ping":"${id}"`)) {
      session.mismatch('expected the echo of a comm message', outputs);
    }
    await session.notebook.tell(client.commClose(id));
  }),
  action('Python completion', 2, async (session) => {
    const reply = await session.notebook.ask(session.notebook.client.complete('l.appe'));
    if (!JSON.stringify(reply['matches']).includes('append')) {
      session.mismatch('expected append', reply);
    }
  }),
  action('Python help', 1, async (session) => {
    const reply = await session.notebook.ask(session.notebook.client.inspect('len'));
    if (reply['found'] !== true) session.mismatch('expected help', reply);
  }),
  action('Python completeness', 1, async (session) => {
    const reply = await session.notebook.ask(session.notebook.client.isComplete('if True:'));
    if (reply['status'] !== 'incomplete') session.mismatch('expected incomplete', reply);
  }),
];

const pythonFaults: Action[] = [
  fault('Python interrupt of a loop', 3, async (session) => {
    const before = session.model.python ?? [];
    const n = session.number();
    const outcome = await session.python(
      `l.append(${n})\nwhile True: pass`,
      {},
      interrupting(session, 400),
    );
    session.expectError(outcome, /^KeyboardInterrupt/);
    await either(session, 'python', before, [...before, n], outcome);
  }),
  fault('Python interrupt at any moment', 2, async (session) => {
    const before = session.model.python ?? [];
    const n = session.number();
    const outcome = await session.python(`l.append(${n})`, {}, interrupting(session, 20));
    if (outcome.status !== 'ok') session.expectError(outcome, /^KeyboardInterrupt/);
    await either(session, 'python', before, [...before, n], outcome);
  }),
  fault('Python os._exit', 0.7, async (session) => {
    session.expectError(await session.python('import os\nos._exit(1)'), /exited with code 1/);
    session.model.python = undefined;
    session.expectError(await session.python('l'), /NameError/);
  }),
  fault('Python killed while a cell runs', 0.7, async (session) => {
    const outcome = await session.python(
      'while True: pass',
      {},
      killing(session, 'ipykernel', 200),
    );
    session.expectError(outcome, /SIGKILL/);
    session.model.python = undefined;
    session.expectError(await session.python('l'), /NameError/);
  }),
  fault('Python killed between cells', 0.5, async (session) => {
    await kill(session, 'ipykernel');
    session.model.python = undefined;
    session.expectError(await session.python('l'), /NameError|SIGKILL/);
  }),
];

export const ACTIONS: readonly Action[] = [
  ...rustCells,
  ...rustFaults,
  ...pythonCells,
  ...pythonFaults,
];
