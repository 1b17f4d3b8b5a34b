import { execFileSync } from 'node:child_process';
import { readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Kernel, startSharedKernel } from '../../support/kernel';
import { type Role } from '../../support/roles';
import { defineBoth, expectBothKept } from './kept';
import { processOf } from './scenes';

/** Sets a limit of a running process, leaving its hard limit; returns what takes it back. */
async function limit(
  kernel: Kernel,
  role: Role,
  resource: 'nofile' | 'as',
  most: (pid: number) => number,
): Promise<() => void> {
  const pid = await processOf(kernel, role);
  const set = (soft: string): void => {
    execFileSync('prlimit', ['--pid', String(pid), `--${resource}=${soft}:`]);
  };
  const before = execFileSync(
    'prlimit',
    ['--pid', String(pid), `--${resource}`, '--raw', '--noheadings', '--output=SOFT'],
    { encoding: 'utf8' },
  ).trim();
  set(String(most(pid)));
  return () => {
    set(before);
  };
}

const openFiles = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length;

let kernel: Kernel;
beforeAll(async () => {
  kernel = await startSharedKernel();
  await defineBoth(kernel);
});

test('the host has no descriptors left: the Rust cell says so, Python works, the next Rust cell works', async () => {
  const undo = await limit(kernel, 'host', 'nofile', openFiles);
  const cell = kernel.execute('%%rust\n1 + 1');
  await expect(cell).toFailWith({ ename: /./, evalue: /Too many open files/ });
  await expect(kernel.execute('kept')).toShow({ result: { 'text/plain': "'by Python'" } });
  undo();
  await expectBothKept(kernel);
});

test('a Rust cell has no descriptors left: it fails by itself, variables are kept', async () => {
  const undo = await limit(kernel, 'holder', 'nofile', (pid) => openFiles(pid) + 8);
  const cell = kernel.execute(
    '%%rust\nlet files: Vec<_> = (0..100).map(|_| std::fs::File::open("/dev/null").unwrap()).collect();',
  );
  await expect(cell).toFailWith({ ename: 'panic', evalue: /Too many open files/ });
  undo();
  await expectBothKept(kernel);
});

test('a Rust cell that gets no memory ends with SIGABRT, variables are kept', async () => {
  await limit(kernel, 'holder', 'as', () => 1 << 30);
  const cell = kernel.execute(
    '%%rust\nlet big = vec![1u8; std::hint::black_box(4usize << 30)];\nbig.len()',
  );
  await expect(cell).toFailWith({ ename: 'SIGABRT', evalue: /values from before the cell/ });
  expect(await cell.outputs()).toEqual([
    { stderr: expect.stringContaining('memory allocation of 4294967296 bytes failed') as string },
  ]);
  await expectBothKept(kernel);
});

test('a Python cell that gets no memory fails with MemoryError, variables are kept', async () => {
  // IPython needs room of its own to show the error: the limit is far above what it has, and far below what is asked.
  const undo = await limit(kernel, 'ipykernel', 'as', () => 2 ** 35);
  await expect(kernel.execute('big = bytearray(2 ** 37)')).toFailWith({ ename: 'MemoryError' });
  undo();
  await expectBothKept(kernel);
});

test('a private directory that cannot be written to: the Rust cell says so, the next one works', async () => {
  const crate = path.dirname(await sourceOf(kernel));
  const aside = `${crate}.aside`;
  renameSync(crate, aside);
  writeFileSync(crate, 'not a directory');
  const cell = kernel.execute('%%rust\n1 + 1');
  await expect(cell).toFailWith({ ename: /./, evalue: /Error creating directory.*crate\/src/ });
  rmSync(crate);
  renameSync(aside, crate);
  await expectBothKept(kernel);
});

/** The file that evcxr writes a cell to. */
async function sourceOf(of: Kernel): Promise<string> {
  const run = of.execute('%%rust\n:last_compile_dir');
  const [output] = await run.outputs();
  const directory = Object.values(output ?? {})[0] as unknown;
  const text =
    typeof directory === 'string'
      ? directory
      : String((directory as Record<string, unknown>)['text/plain']);
  return path.join(text.trim(), 'src/lib.rs');
}
