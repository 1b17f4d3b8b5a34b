import type { Client } from '../../support/client';
import { type Kernel, startSharedKernel } from '../../support/kernel';
import type { Json } from '../../support/wire';

let kernel: Kernel;
beforeAll(async () => {
  kernel = await startSharedKernel({ env: { FERROBOOK_LOG: 'debug' } });
});

/** Sends an answer that the kernel must not take; resolves when it has thrown it away. */
async function expectDiscarded(client: Client, value: string, parent?: Json): Promise<void> {
  const line = 'an input reply that nobody waits for was discarded';
  const before = kernel.process.said(line);
  await client.say('stdin', 'input_reply', { value }, parent);
  await kernel.process.untilSaid(line, before + 1);
}

test('input() asks the frontend', async () => {
  const run = kernel.execute('f"hello {input(\'Name: \')}"', { allow_stdin: true });
  const question = await run.question();
  expect(question.content).toEqual({ prompt: 'Name: ', password: false });
  await run.answerWith('Ada 🦀', question);
  await expect(run).toShow({ result: { 'text/plain': "'hello Ada 🦀'" } });
});

test('getpass asks without showing', async () => {
  const run = kernel.execute('import getpass\nlen(getpass.getpass("Password: "))', {
    allow_stdin: true,
  });
  const question = await run.question();
  expect(question.content).toEqual({ prompt: 'Password: ', password: true });
  await run.answerWith('secret', question);
  await expect(run).toShow({ result: { 'text/plain': '6' } });
});

test('several questions of one cell', async () => {
  const run = kernel.execute('[input(str(i)) for i in range(3)]', { allow_stdin: true });
  for (const answer of ['a', 'b', 'c']) await run.answerWith(answer, await run.question());
  await expect(run).toShow({ result: { 'text/plain': "['a', 'b', 'c']" } });
});

test('without allow_stdin input() fails', async () => {
  await expect(kernel.execute('input()')).toFailWith({ ename: 'StdinNotImplementedError' });
});

test('clients that name no question in their answer are understood', async () => {
  const run = kernel.execute('input()', { allow_stdin: true });
  await run.question();
  await kernel.say('stdin', 'input_reply', { value: 'from jupyter_client' });
  await expect(run).toShow({ result: { 'text/plain': "'from jupyter_client'" } });
});

test('an answer that comes before the question is discarded', async () => {
  await expectDiscarded(kernel, 'stale');
  const run = kernel.execute('input()', { allow_stdin: true });
  await run.answerWith('right', await run.question());
  await expect(run).toShow({ result: { 'text/plain': "'right'" } });
});

test('an interrupt ends the question, and its late answer is not taken for the next one', async () => {
  const first = kernel.execute('input("first")', { allow_stdin: true });
  const question = await first.question();
  await expect(kernel.interrupt()).toReplyOk();
  await expect(first).toFailWith({ ename: 'KeyboardInterrupt' });
  const second = kernel.execute('input("second")', { allow_stdin: true });
  const next = await second.question();
  await first.answerWith('too late', question);
  await second.answerWith('right', next);
  await expect(second).toShow({ result: { 'text/plain': "'right'" } });
});

test('another client cannot answer', async () => {
  const other = kernel.connect();
  await other.welcomed();
  const run = kernel.execute('input()', { allow_stdin: true });
  const question = await run.question();
  await expectDiscarded(other, 'intruder', question.header);
  await run.answerWith('right', question);
  await expect(run).toShow({ result: { 'text/plain': "'right'" } });
});
