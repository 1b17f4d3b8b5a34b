import { chipWords, type CellOption, remarks, type TimingRecord } from '@ferrobook/notebook';
import { type Kernel, startSharedKernel } from '../support/kernel';
import { KernelWithNewOption, NEW_OPTION } from '../support/newOption';
import type { Json } from '../support/wire';

/*
 * "To add an option" of ARCHITECTURE.md: it is declared in the list of options. The kernel of this test has one more in that
 * list than ours, and so has what the extension takes its words from; no other file of either knows of it.
 */

jest.mock('../../packages/notebook/src/cellOptions', () => {
  const list = jest.requireActual<{ CELL_OPTIONS: readonly CellOption[] }>(
    '../../packages/notebook/src/cellOptions',
  );
  const { NEW_OPTION: option } =
    jest.requireActual<typeof import('../support/newOption')>('../support/newOption');
  return { CELL_OPTIONS: [...list.CELL_OPTIONS, option] };
});

const kernelWithOption = new KernelWithNewOption();
let kernel: Kernel;

beforeAll(async () => {
  await kernelWithOption.make();
  kernel = await startSharedKernel({ bundle: kernelWithOption.bundle });
});

afterAll(async () => {
  await kernelWithOption.remove();
});

test('the help lists it', async () => {
  const [help] = await kernel.execute('%%rust --help').outputs();
  expect((help as { display: Json }).display['text/plain']).toMatch(
    /--idle +change nothing about this cell/,
  );
});

test('it is completed, where its language is', async () => {
  const complete = async (code: string): Promise<unknown> =>
    (await kernel.complete(code).result())['matches'];
  expect(await complete('%%rust --id')).toEqual(['--idle']);
  expect(await complete('%%python --id')).toEqual([]);
});

test('the chip has its words', () => {
  expect(chipWords('rust', ' --idle')).toBe('Rust · changes nothing');
});

test('its value goes with the cell, whose time says so', async () => {
  const run = kernel.execute('%%rust --idle --time\n1 + 1');
  const [, time] = await run.outputs();
  expect((time as { display: Json }).display['text/plain']).toMatch(/, with nothing changed$/);
  const { metadata } = await run.reply();
  const { timing } = metadata['ferrobook'] as { timing: TimingRecord };
  expect(timing.options).toEqual({ [NEW_OPTION.name]: true });
  expect(remarks(timing)).toEqual(['with nothing changed']);
});

test('a cell without it is as before', async () => {
  const run = kernel.execute('%%rust\n1 + 1');
  await run.outputs();
  const { metadata } = await run.reply();
  expect((metadata['ferrobook'] as { timing: TimingRecord }).timing).not.toHaveProperty('options');
});
