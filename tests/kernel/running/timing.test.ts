import { setTimeout as pause } from 'node:timers/promises';
import type { ExecuteOptions } from '../../support/client';
import { type Kernel, startSharedKernel } from '../../support/kernel';
import { bringTo } from '../../support/scenes';
import type { Json } from '../../support/wire';
import type { TimingRecord, TimingTable } from '@ferrobook/notebook';

const MIME = 'application/vnd.ferrobook.timing+json';

let kernel: Kernel;
beforeAll(async () => {
  kernel = await startSharedKernel();
});

/** The record in a cell's reply. That the phases add up is checked for every cell of every test. */
async function record(code: string, options: ExecuteOptions = {}): Promise<TimingRecord> {
  const run = kernel.execute(code, options);
  await run.outputs();
  const { metadata } = await run.reply();
  return (metadata['ferrobook'] as { timing: TimingRecord }).timing;
}

/** What `%timing` shows, by MIME type. */
async function timing(code = '%timing'): Promise<Json> {
  const [output, ...rest] = await kernel.execute(code).outputs();
  expect(rest).toEqual([]);
  return (output as { display: Json }).display;
}

test('a Python cell', async () => {
  const got = await record('import time\ntime.sleep(0.05)\nsum(range(1_000_000))', {
    metadata: { cellId: 'the cell' },
  });
  expect(got).toMatchObject({
    language: 'python',
    status: 'ok',
    cellId: 'the cell',
    cached: false,
    build: null,
  });
  expect(got.phases.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['run', 'relay']) as string[],
  );
  const run = got.phases.find(({ name }) => name === 'run');
  expect(run?.ms).toBeGreaterThanOrEqual(50);
  // What sleeps uses no processor.
  expect(got.cpuMs).toBeGreaterThan(0);
  expect(got.cpuMs).toBeLessThan(got.totalMs);
});

test('a Rust cell', async () => {
  const got = await record('%%rust\nstd::thread::sleep(std::time::Duration::from_millis(50));');
  expect(got).toMatchObject({ language: 'rust', status: 'ok', cellId: null });
  const ms = Object.fromEntries(got.phases.map((phase) => [phase.name, phase.ms]));
  expect(ms['compile']).toBeGreaterThan(0);
  expect(ms['run']).toBeGreaterThanOrEqual(50);
  expect(new Date(got.startedAt).getTime()).toBeLessThanOrEqual(Date.now());
});

test('a Rust cell with debug checks says so in its record and below its output', async () => {
  const code = 'let n: u8 = std::hint::black_box(255);\nn + 1';
  expect(await record(`%%rust\n${code}`)).toMatchObject({
    status: 'ok',
    build: { debug: false, targetCpu: null },
  });
  const failing = kernel.execute(`%%rust --debug --time\n${code}`);
  await expect(failing).toFailWith({ ename: 'panic', evalue: 'attempt to add with overflow' });
  const [shown] = await failing.outputs();
  expect((shown as { display: Json }).display['text/plain']).toMatch(/, with debug checks$/);
  expect(await record(`%%rust --debug\n${code}`)).toMatchObject({
    status: 'error',
    build: { debug: true, targetCpu: null },
  });
});

test('cells that fail have a record too', async () => {
  expect(await record('1 / 0')).toMatchObject({ language: 'python', status: 'error' });
  expect(await record('%%rust\nnowhere();')).toMatchObject({ language: 'rust', status: 'error' });
  expect(await record('%%rust\npanic!("here");')).toMatchObject({ status: 'error' });
  expect(await record('%%rust --nonsense')).toMatchObject({ language: 'python', status: 'error' });
});

test('a cell that waits in the queue says how long', async () => {
  const first = await bringTo(kernel, 'a Python cell runs');
  const second = record('%%rust\n1');
  // What was sent before it on the same channel is in the queue by then.
  await expect(kernel.kernelInfo()).toReplyOk();
  const queued = performance.now();
  await pause(60);
  const waited = performance.now() - queued;
  await first.letGo();
  await expect(first.cell).toShow();
  expect(waited).toBeGreaterThan(50);
  expect((await second).queuedMs).toBeGreaterThan(waited);
});

test('%timing shows the cells of both languages, from either', async () => {
  await kernel.execute('%timing reset').outputs();
  await expect(kernel.execute('total = 1')).toShow();
  await expect(kernel.execute('%%rust\nlet total = 2;')).toShow();
  const table = (await timing())[MIME] as TimingTable;
  expect(table.cells.map(({ title, record: { language } }) => [language, title])).toEqual([
    ['python', '%timing reset'],
    ['python', 'total = 1'],
    ['rust', 'let total = 2;'],
  ]);
  const shown = await timing('%%rust\n%timing');
  expect(shown['text/plain']).toMatch(/total = 1[^]*let total = 2;[^]*%timing[^]*Σ +python/);
  expect(shown['text/html']).toContain('<table>');
  expect(
    (shown[MIME] as TimingTable).totals.map(({ language, cells }) => [language, cells]),
  ).toEqual([
    ['python', 3],
    ['rust', 1],
  ]);
});

test('%timing among other lines: in Python where it stands, in Rust at the top', async () => {
  const python = await kernel.execute('print("before")\n%timing\nprint("after")').outputs();
  expect(python.map((output) => Object.keys(output)[0])).toEqual(['stdout', 'display', 'stdout']);
  const rust = await kernel.execute('%%rust\n%timing\nprintln!("after");').outputs();
  expect(rust.map((output) => Object.keys(output)[0])).toEqual(['display', 'stdout']);
});

test('%timing on shows the time below each cell, off ends it', async () => {
  await kernel.execute('%timing on').outputs();
  const line = /^python: .* \(.*run .*\), cpu/;
  expect(await kernel.execute('1').outputs()).toEqual([
    { result: { 'text/plain': '1' } },
    {
      display: expect.objectContaining({
        'text/plain': expect.stringMatching(line) as string,
      }) as Json,
    },
  ]);
  const [shown] = await kernel.execute('%%rust\nlet a = 1;').outputs();
  expect(shown).toMatchObject({
    display: { 'text/plain': expect.stringMatching(/^rust: .*compile/) as string },
  });
  await kernel.execute('%timing off').outputs();
  await expect(kernel.execute('1')).toShow({ result: { 'text/plain': '1' } });
});

test('%%rust --time shows the time of one cell', async () => {
  const [shown, ...rest] = await kernel.execute('%%rust --time\nlet b = 1;').outputs();
  expect(shown).toMatchObject({
    display: { 'text/plain': expect.stringMatching(/^rust: /) as string },
  });
  expect(rest).toEqual([]);
  await expect(kernel.execute('%%rust\nlet c = 1;')).toShow();
});

test('%timing with a wrong argument', async () => {
  const outputs = await kernel.execute('%timing onn').outputs();
  expect(outputs).toEqual([
    { stderr: expect.stringContaining('Did you mean %timing on?') as string },
  ]);
  await expect(kernel.execute('%%rust\n%timing onn')).toFailWith({
    ename: 'UsageError',
    evalue: 'Did you mean %timing on?',
  });
});

test('empty and silent cells are not in the table', async () => {
  await kernel.execute('%timing reset').outputs();
  await kernel.execute('').outputs();
  await kernel.execute('1', { silent: true }).outputs();
  const { cells } = (await timing())[MIME] as TimingTable;
  expect(cells.map(({ title }) => title)).toEqual(['%timing reset']);
});
