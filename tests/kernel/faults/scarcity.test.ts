import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Kernel, startKernel, startSharedKernel } from '../../support/kernel';
import { type Role } from '../../support/roles';
import { defineBoth, expectBothKept, expectKept } from './kept';
import { processOf } from '../../support/scenes';

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

/** The descriptor that the process would get next: it may have inherited much higher ones. */
function nextDescriptor(pid: number): number {
  const open = new Set(readdirSync(`/proc/${pid}/fd`).map(Number));
  let next = 0;
  while (open.has(next)) next++;
  return next;
}

let kernel: Kernel;
beforeAll(async () => {
  kernel = await startSharedKernel();
  await defineBoth(kernel);
});

test('the host has no descriptors left: the Rust cell says so, Python works, the next Rust cell works', async () => {
  const undo = await limit(kernel, 'host', 'nofile', nextDescriptor);
  const cell = kernel.execute('%%rust\n1 + 1');
  await expect(cell).toFailWith({ ename: /./, evalue: /Too many open files/ });
  await expect(kernel.execute('kept')).toShow({ result: { 'text/plain': "'by Python'" } });
  undo();
  await expectBothKept(kernel);
});

test('ipykernel has no descriptors left: a cell cannot open a file, the next can', async () => {
  const undo = await limit(kernel, 'ipykernel', 'nofile', nextDescriptor);
  // IPython itself cannot show a traceback then: it would have to open the source.
  const cell = kernel.execute(
    'try: open("/dev/null")\nexcept OSError as error: print(error.strerror)',
  );
  await expect(cell).toShow({ stdout: 'Too many open files\n' });
  await expectKept(kernel, 'rust');
  undo();
  await expectBothKept(kernel);
});

test('a Rust cell has no descriptors left: it fails by itself, variables are kept', async () => {
  const undo = await limit(kernel, 'holder', 'nofile', (pid) => nextDescriptor(pid) + 8);
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

test('a full disk: the Rust cell says so, Python works, and so does the next Rust cell when there is room', async () => {
  const disk = mkdtempSync(path.join(tmpdir(), 'ferrobook-disk-'));
  try {
    // A disk that only this kernel sees, and that goes with it.
    const mounting = `mount -t tmpfs -o size=64m,mode=0700 disk '${disk}' && exec "$@"`;
    const full = await startKernel({
      parent: ['unshare', '--mount', '--map-root-user', 'sh', '-c', mounting, 'sh'],
      env: { TMPDIR: disk },
    });
    await defineBoth(full);
    await expect(full.execute(FILL)).toShow({ stdout: 'No space left on device\n' });
    // More than what an earlier cell has left and this one writes anew.
    const big = '%%rust --no-cache\nlet big = std::hint::black_box(&[1u8; 1 << 25]);';
    await expect(full.execute(big)).toFailWith({
      ename: /./,
      evalue: /No space left on device/,
    });
    await expectKept(full, 'python');
    await expect(full.execute('filler.close(); os.remove(filler.name)')).toShow();
    await expectBothKept(full);
  } finally {
    rmSync(disk, { recursive: true });
  }
});

const FILL = `import os
filler = open(os.environ["TMPDIR"] + "/filler", "ab", buffering=0)
try:
    while filler.write(bytes(4096)): pass
except OSError as error: print(error.strerror)`;

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
