import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Kernel, startKernel } from '../../support/kernel';
import { stop, untilNone, untilSome } from '../../support/processes';
import type { Role } from '../../support/roles';
import { bringTo, type Moment, processOf } from '../../support/scenes';

/** How long what a dead kernel started may live on, in milliseconds; a kernel looks for its parent once a second. */
const AFTERLIFE = 30_000;

/** What the kernel is at when it dies: a moment, or a preparation of its own. */
interface Death {
  while: string;
  /** Resolves when it has come so far. */
  prepare: (kernel: Kernel) => Promise<void>;
  /** A word in the command line of a process that must be there, so that its end means something. */
  expects: RegExp;
}

const RUST_CHILD =
  '%%rust\nstd::process::Command::new("sleep").arg("86022").spawn().unwrap();\nprintln!("started");';

function at(moment: Moment, expects: RegExp): Death {
  return {
    while: moment,
    prepare: async (kernel) => {
      await expect(kernel.execute('1;')).toShow();
      await bringTo(kernel, moment);
    },
    expects,
  };
}

/** A process that is stopped cannot see to its own end. */
function stopped(role: Role, moment: Moment, expects: RegExp): Death {
  return {
    while: `the ${role} is stopped and ${moment}`,
    prepare: async (kernel) => {
      // Rust compiles something when it starts, too.
      await expect(kernel.execute('%%rust\n1;')).toShow();
      await bringTo(kernel, moment);
      await stop(await processOf(kernel, role));
    },
    expects,
  };
}

const DEATHS: Death[] = [
  at('a Python cell runs', /launch\.py/),
  at('a Python cell prints', /launch\.py/),
  at('a Python cell waits for input', /launch\.py/),
  at('a Rust cell compiles', /rustc --crate-name ctx/),
  at('cargo compiles a Rust cell', /cargo build/),
  at('a Rust cell runs', /ferrobook-cell/),
  at('a Rust cell prints', /ferrobook-cell/),
  at('a Rust cell waits for input', /ferrobook-cell/),
  {
    while: 'the languages are still starting',
    prepare: async (kernel) => {
      kernel.execute('%%rust\n1');
      await processOf(kernel, 'host');
    },
    expects: /ferrobook-runtime/,
  },
  {
    while: 'cargo builds a dependency',
    prepare: async (kernel) => {
      kernel.execute(`%%rust\n:dep slow = { path = "${slowCrate(kernel)}" }\n1`);
      const building = await untilSome(() => commands(kernel, /--crate-name slow/));
      expect(building).not.toEqual([]);
    },
    expects: /--crate-name slow/,
  },
  {
    while: 'a process runs that a Rust cell has started',
    prepare: async (kernel) => {
      await expect(kernel.execute(RUST_CHILD)).toShow({ stdout: 'started\n' });
    },
    expects: /sleep 86022/,
  },
  stopped('ipykernel', 'a Python cell runs', /launch\.py/),
  stopped('ipykernel', 'a Rust cell runs', /launch\.py/),
  stopped('host', 'a Rust cell runs', /ferrobook-runtime/),
  stopped('host', 'a Rust cell compiles', /rustc --crate-name ctx/),
  stopped('keeper', 'a Rust cell runs', /ferrobook-cell/),
  stopped('holder', 'a Rust cell runs', /ferrobook-cell/),
  stopped('snapshot', 'a Rust cell runs', /ferrobook-cell/),
  stopped('cargo shim', 'a Rust cell compiles', /rustc --crate-name ctx/),
  stopped('cargo', 'cargo compiles a Rust cell', /rustc --crate-name ctx/),
  stopped('rustc wrapper', 'a Rust cell compiles', /rustc --crate-name ctx/),
  stopped('rustc', 'a Rust cell compiles', /rustc --crate-name ctx/),
];

test.each(DEATHS.map((death) => [death.while, death] as const))(
  'a kernel that is killed while %s leaves no process behind',
  async (_, { prepare, expects }) => {
    const kernel = await startKernel();
    await prepare(kernel);
    // A process that has just begun a program has no command line yet.
    expect(await untilSome(() => commands(kernel, expects))).not.toEqual([]);
    await kernel.kill();
    // The cell that was there will never end.
    kernel.takeProblems();
    expect(await untilNone(() => kernel.children(), AFTERLIFE)).toEqual([]);
  },
);

test('processes that Rust cells have started end with the process that has started them', async () => {
  const kernel = await startKernel();
  await expect(kernel.execute(RUST_CHILD)).toShow({ stdout: 'started\n' });
  process.kill(await processOf(kernel, 'keeper'), 'SIGKILL');
  await expect(kernel.execute('%%rust\n1;')).toShow({
    stderr: expect.stringMatching(/they are lost/) as string,
  });
  expect(await untilNone(() => commands(kernel, /sleep 86022/), AFTERLIFE)).toEqual([]);
});

/** The command lines of a kernel's processes, as far as they are such. */
function commands(kernel: Kernel, such: RegExp): string[] {
  return kernel
    .children()
    .map(({ command }) => command)
    .filter((command) => such.test(command));
}

/** A crate whose build waits for somebody to write into a named pipe, which nobody does. */
function slowCrate(kernel: Kernel): string {
  const crate = path.join(kernel.process.directory, 'slow');
  mkdirSync(path.join(crate, 'src'), { recursive: true });
  const pipe = path.join(crate, 'pipe');
  execFileSync('mkfifo', [pipe]);
  writeFileSync(
    path.join(crate, 'Cargo.toml'),
    '[package]\nname = "slow"\nversion = "1.0.0"\nedition = "2021"\n',
  );
  writeFileSync(
    path.join(crate, 'src/lib.rs'),
    'pub const TEXT: &str = include_str!("../pipe");\n',
  );
  return crate;
}

/** Jupyter's servers kill a kernel's client; the kernel learns of it by looking for its parent. */
test('a kernel whose client is gone leaves no process behind, compilers included', async () => {
  const kernel = await startKernel({
    parent: ['sh', '-c', '"$@" & wait', 'sh'],
    env: { JPY_PARENT_PID: '1' },
  });
  await bringTo(kernel, 'a Rust cell compiles');
  kernel.process.signal('SIGKILL');
  expect(await untilNone(() => kernel.process.processes(), AFTERLIFE)).toEqual([]);
  await kernel.exit();
  kernel.takeProblems();
});
