import { type Kernel, startSharedKernel } from '../../support/kernel';
import type { Request } from '../../support/request';
import type { TimingRecord } from '@ferrobook/notebook';

let kernel: Kernel;
beforeAll(async () => {
  kernel = await startSharedKernel({ warmUp: true });
});

async function cached(run: Request): Promise<boolean> {
  await run.outputs();
  const { metadata } = await run.reply();
  return (metadata['ferrobook'] as { timing: TimingRecord }).timing.cached;
}

test('a cell that was compiled before a restart is not compiled again', async () => {
  const cell = (marker = '%%rust') =>
    kernel.execute(`${marker}\nlet squares: Vec<u32> = (1..4).map(|n| n * n).collect();\nsquares`);
  expect(await cached(cell())).toBe(false);
  await expect(kernel.execute('%restart rust')).toShow({
    display: { 'text/plain': expect.stringContaining('Rust starts afresh') as string },
  });
  expect(await cached(cell())).toBe(true);
  await expect(cell()).toShow({ result: { 'text/plain': '[1, 4, 9]' } });
  expect(await cached(cell('%%rust --no-cache'))).toBe(false);
});

test('%cache tells what is kept, in cells of both languages', async () => {
  await expect(kernel.execute('%%rust\n1 + 1')).toShow({ result: { 'text/plain': '2' } });
  const text = (pattern: RegExp) => ({
    display: { 'text/plain': expect.stringMatching(pattern) as string },
  });
  const shown = text(
    /^directory {2}.*\nkept {7}\d+ results, .* of 2\.0 GiB .*\nfound {6}\d+ times/,
  );
  await expect(kernel.execute('%cache')).toShow(shown);
  await expect(kernel.execute('%%rust\n%cache')).toShow(shown);
  await expect(kernel.execute('%cache clear')).toShow(text(/^Removed [1-9]\d* results/));
  await expect(kernel.execute('%cache')).toShow(text(/\nkept {7}0 results, 0 bytes of/));
});
