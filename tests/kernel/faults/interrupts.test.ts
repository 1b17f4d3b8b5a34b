import { setTimeout as pause } from 'node:timers/promises';
import { type Kernel, startSharedKernel } from '../../support/kernel';
import { untilNone } from '../../support/processes';
import { roles } from '../../support/roles';
import { defineBoth, expectBothKept } from './kept';
import { bringTo, type Moment, processOf } from '../../support/scenes';

/**
 * How soon an interrupt is answered, in milliseconds: ten times what it took on a busy machine. The median of several, because
 * other programs run, too.
 */
const ANSWER = 500;

/** How soon the compilers of an interrupted cell are gone, in milliseconds. */
const COMPILERS_END = 10_000;

/** Interrupts in a row. */
const ROW = 20;

let kernel: Kernel;
beforeAll(async () => {
  kernel = await startSharedKernel();
  await defineBoth(kernel);
});

/** Pauses between two numbers of milliseconds, the same in every run. */
function* pauses(least: number, most: number): Generator<number> {
  for (let state = 12_345; ;) {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    yield least + (state / 2 ** 31) * (most - least);
  }
}

test.each([
  ['Python', 'while True: pass', 'KeyboardInterrupt', 300],
  ['Python that prints', 'while True: print("endless")', 'KeyboardInterrupt', 300],
  ['Rust', '%%rust\nloop {}', 'Interrupted', 600],
  ['Rust that prints', '%%rust\nloop { println!("endless"); }', 'Interrupted', 600],
])(
  `${ROW} endless cells of %s are ended by an interrupt each, whatever they are at`,
  async (_, code, ename, longest) => {
    const delays = pauses(0, longest);
    for (let number = 0; number < ROW; number++) {
      const cell = kernel.execute(code);
      await cell.busy();
      // Every other one at once, which is before the language has begun with it.
      if (number % 2 === 1) await pause(delays.next().value as number);
      await expect(kernel.interrupt()).toReplyOk();
      const reply = await cell.result();
      expect(reply).toMatchObject({ status: 'error', ename });
      const outputs = await cell.outputs();
      expect(outputs.filter((output) => 'error' in output)).toHaveLength(1);
    }
    await expectBothKept(kernel);
  },
);

test(`${ROW} interrupts in a row without waiting for the end of anything leave a working kernel`, async () => {
  const short = ['1 + 1', '%%rust\n1 + 1', 'print("x" * 1000)', '%%rust\nprintln!("x");'];
  const delays = pauses(0, 150);
  const cells = [];
  for (let number = 0; number < ROW; number++) {
    cells.push(kernel.execute(short[number % short.length] ?? '', { stop_on_error: false }));
    await pause(delays.next().value as number);
    await expect(kernel.interrupt()).toReplyOk();
  }
  for (const cell of cells) {
    expect((await cell.result())['status']).toMatch(/^(ok|error|aborted)$/);
    await cell.outputs();
  }
  await expectBothKept(kernel);
});

test('interrupts while nothing runs change nothing', async () => {
  for (let number = 0; number < ROW; number++) await expect(kernel.interrupt()).toReplyOk();
  await expectBothKept(kernel);
});

test.each(['a Python cell prints', 'a Rust cell prints'] as const)(
  `an interrupt is answered within ${ANSWER} ms while %s without end`,
  async (moment) => {
    const code = {
      'a Python cell prints': 'while True: print("endless")',
      'a Rust cell prints': '%%rust\nloop { println!("endless"); }',
    }[moment];
    const times: number[] = [];
    for (let attempt = 0; attempt < 5; attempt++) {
      const cell = kernel.execute(code);
      // By then output piles up wherever it can.
      for (let piece = 0; piece < 20; piece++) await cell.nextText('endless');
      const asked = performance.now();
      const interrupt = kernel.interrupt();
      await interrupt.reply();
      times.push(performance.now() - asked);
      await interrupt.done();
      await cell.outputs();
    }
    expect(median(times)).toBeLessThan(ANSWER);
    await expectBothKept(kernel);
  },
);

test.each<[string, Moment, string]>([
  ['Python', 'a Python cell prints', 'KeyboardInterrupt'],
  ['Python', 'a Python cell waits for input', 'KeyboardInterrupt'],
  ['Rust', 'a Rust cell prints', 'Interrupted'],
  ['Rust', 'a Rust cell compiles', 'Interrupted'],
  ['Rust', 'a Rust cell waits for input', 'Interrupted'],
])('SIGINT to the kernel interrupts %s while %s', async (_, moment, ename) => {
  const { cell } = await bringTo(kernel, moment);
  const behind = [kernel.execute('"never"'), kernel.execute('%%rust\n"never"')];
  // What was sent before it on the same channel is in the queue by then.
  await expect(kernel.kernelInfo()).toReplyOk();
  kernel.process.signal('SIGINT');
  expect(await cell.result()).toMatchObject({ status: 'error', ename });
  await cell.outputs();
  for (const aborted of behind) await expect(aborted).toBeAborted();
  await expectBothKept(kernel);
});

test('an interrupt aborts the cells behind the running one, of both languages', async () => {
  const { cell } = await bringTo(kernel, 'a Rust cell runs');
  const behind = ['1', '%%rust\n1', '%timing', '%%rust\nlet kept = "changed";'].map((code) =>
    kernel.execute(code),
  );
  // What was sent before it on the same channel is in the queue by then.
  await expect(kernel.kernelInfo()).toReplyOk();
  await expect(kernel.interrupt()).toReplyOk();
  await expect(cell).toFailWith({ ename: 'Interrupted', evalue: /values from before the cell/ });
  for (const aborted of behind) await expect(aborted).toBeAborted();
  await expectBothKept(kernel);
});

test('an interrupt while a cell compiles ends cargo and rustc, and nothing else', async () => {
  const { cell } = await bringTo(kernel, 'cargo compiles a Rust cell');
  const before = roles(kernel);
  const compilers = ['cargo shim', 'cargo', 'rustc wrapper', 'rustc'] as const;
  expect(compilers.filter((role) => before.has(role))).toEqual(compilers);
  await expect(kernel.interrupt()).toReplyOk();
  await expect(cell).toFailWith({ ename: 'Interrupted', evalue: /all variables are kept/ });
  expect(await cell.outputs()).toEqual([
    { stdout: expect.stringMatching(/^Optimization/) as string },
  ]);
  const left = await untilNone(
    () => compilers.filter((role) => roles(kernel).has(role)),
    COMPILERS_END,
  );
  expect(left).toEqual([]);
  for (const role of ['ipykernel', 'host', 'keeper', 'holder'] as const) {
    expect([role, roles(kernel).get(role)]).toEqual([role, before.get(role)]);
  }
  await expectBothKept(kernel);
});

test('an interrupt of a cell that is not yet begun is not lost: Python is starting', async () => {
  const starting = await startSharedKernel();
  const cell = starting.execute('while True: pass');
  await cell.busy();
  await expect(starting.interrupt()).toReplyOk();
  await expect(cell).toFailWith({ ename: 'KeyboardInterrupt' });
  await expect(starting.execute('1')).toShow({ result: { 'text/plain': '1' } });
});

test('an interrupt of a cell that is not yet begun is not lost: Rust is starting', async () => {
  const starting = await startSharedKernel();
  const cell = starting.execute('%%rust\nloop {}');
  await processOf(starting, 'host');
  await expect(starting.interrupt()).toReplyOk();
  await expect(cell).toFailWith({ ename: 'Interrupted' });
  await expect(starting.execute('%%rust\n1')).toShow({ result: { 'text/plain': '1' } });
});

function median(numbers: number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? NaN;
}
