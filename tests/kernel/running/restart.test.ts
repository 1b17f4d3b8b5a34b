import { type Kernel, startSharedKernel } from '../../support/kernel';

let kernel: Kernel;
beforeAll(async () => {
  kernel = await startSharedKernel({ logs: /a language ended/ });
});

/** What the magic in `code` shows. */
async function shown(code: string): Promise<string> {
  const [output, ...rest] = await kernel.execute(code).outputs();
  expect(rest).toEqual([]);
  return String((output as { display: Record<string, unknown> }).display['text/plain']);
}

beforeEach(async () => {
  await expect(kernel.execute('kept = "by Python"')).toShow();
  await expect(kernel.execute('%%rust\nlet kept = "by Rust";')).toShow();
});

test('%restart python takes Python’s variables and leaves Rust’s', async () => {
  expect(await shown('%restart python')).toMatch(/^Python starts afresh/);
  await expect(kernel.execute('"kept" in dir()')).toShow({ result: { 'text/plain': 'False' } });
  await expect(kernel.execute('%%rust\nkept')).toShow({ result: { 'text/plain': '"by Rust"' } });
});

test.each(['%restart rust', '%%rust\n%restart rust'])(
  '%j takes Rust’s variables and leaves Python’s',
  async (code) => {
    expect(await shown(code)).toMatch(/^Rust starts afresh/);
    await expect(kernel.execute('%%rust\nkept')).toFailWith({ ename: 'E0425' });
    await expect(kernel.execute('kept')).toShow({ result: { 'text/plain': "'by Python'" } });
  },
);

test('a restart does not disturb the numbers', async () => {
  const before = (await kernel.execute('1;').reply()).content['execution_count'] as number;
  await shown('%restart python');
  await expect(kernel.execute('1;')).toReplyOk({ execution_count: before + 2 });
});

test('%ferrobook status names the processes, the versions and the log', async () => {
  const text = await shown('%ferrobook status');
  for (const part of [/^kernel +process \d+, \d+ MB$/m, /ipykernel +process \d+/, /Python 3\./]) {
    expect(text).toMatch(part);
  }
  for (const part of [/host +process \d+/, /evcxr 0\./, /^log +\/.*kernel-\d+\.log$/m]) {
    expect(text).toMatch(part);
  }
});
