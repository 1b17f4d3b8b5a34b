import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Kernel, startSharedKernel } from './kernel';
import { untilSome } from './processes';
import { compose, header } from './wire';

/** What would make every other test pass, were it broken. */
let kernel: Kernel;
beforeAll(async () => {
  kernel = await startSharedKernel();
});

test('output that nobody looks at is a problem', async () => {
  await kernel.execute('print("unseen")').done();
  expect(kernel.takeProblems()).toEqual([
    expect.stringContaining('nobody looked at {"stdout":"unseen\\n"}'),
  ]);
});

test('an error that nobody looks at is a problem', async () => {
  await kernel.execute('1 / 0').done();
  expect(kernel.takeProblems()).toEqual([expect.stringContaining('ZeroDivisionError')]);
});

test('a request that is not over is a problem', async () => {
  const run = kernel.execute('input()', { allow_stdin: true });
  const question = await run.question();
  expect(run.problems()).toEqual([expect.stringContaining('is not over')]);
  await run.answerWith('', question);
  await expect(run).toShow({ result: { 'text/plain': "''" } });
});

test('output of a thread that comes after idle is a problem', async () => {
  const flag = path.join(kernel.process.directory, 'print-now');
  const run = kernel.execute(
    'import os, threading, time\ndef print_late():\n' +
      `    while not os.path.exists("${flag}"): time.sleep(.01)\n` +
      '    print("late", flush=True)\nthreading.Thread(target=print_late).start()',
  );
  await run.done();
  writeFileSync(flag, '');
  const late = await untilSome(() => run.problems());
  expect(late).toContainEqual(expect.stringContaining('stream after idle'));
  kernel.takeProblems();
});

test('a message that nobody asked for is a problem', async () => {
  await kernel.send(
    'shell',
    compose(kernel.connection.key, {
      header: header('kernel_info_request', kernel.session),
      content: {},
    }),
  );
  await expect(kernel.kernelInfo()).toReplyOk();
  expect(kernel.takeProblems().join('\n')).toMatch(/kernel_info_reply for no open request/);
});

test('matchers fail on the wrong outcome', async () => {
  await expect(expect(kernel.execute('1')).toShow()).rejects.toThrow('"text/plain": "1"');
  await expect(expect(kernel.execute('1;')).toFailWith({ ename: 'E' })).rejects.toThrow('error');
  await expect(expect(kernel.execute('1;')).toBeAborted()).rejects.toThrow('aborted');
  kernel.takeProblems();
  await expect(expect(kernel.execute('1 / 0')).toReplyOk()).rejects.toThrow('error');
  kernel.takeProblems();
});
