import { type Kernel, startSharedKernel } from '../../support/kernel';
import { untilSome } from '../../support/processes';

let kernel: Kernel;
beforeAll(async () => {
  kernel = await startSharedKernel();
});

test('each of many subscribers is welcomed and hears everything', async () => {
  const clients = Array.from({ length: 20 }, () => kernel.connect());
  await Promise.all(clients.map((client) => client.welcomed()));
  // One piece: `print` would write the end of the line by itself, which may come as a message of its own.
  const run = kernel.execute('import sys; sys.stdout.write("to everybody\\n");');
  await expect(run).toShow({ stdout: 'to everybody\n' });
  // A request of their own: what was published before it has arrived by then.
  await Promise.all(clients.map((client) => client.kernelInfo().done()));
  for (const client of clients) {
    const heard = client.others
      .filter(({ parent }) => parent.msg_id === run.header.msg_id)
      .map(({ type, content }) => (type === 'status' ? content['execution_state'] : type));
    expect(heard).toEqual(['busy', 'execute_input', 'stream', 'idle']);
  }
});

test('subscribers come and go', async () => {
  for (let round = 0; round < 3; round++) {
    const clients = Array.from({ length: 5 }, () => kernel.connect());
    await Promise.all(clients.map((client) => client.welcomed()));
    for (const client of clients) {
      await expect(client.execute('"heard"')).toShow({ result: { 'text/plain': "'heard'" } });
      client.close();
    }
  }
  await expect(kernel.execute('1')).toShow({ result: { 'text/plain': '1' } });
});

test('a welcome names the subscription', async () => {
  expect((await kernel.welcomed()).content).toEqual({ subscription: '' });
  const client = kernel.connect({ topic: 'stream.stdout' });
  expect((await client.welcomed()).content).toEqual({ subscription: 'stream.stdout' });
});

test('a subscriber of one topic hears only that', async () => {
  const client = kernel.connect({ topic: 'stream.stderr' });
  await client.welcomed();
  const run = kernel.execute('import sys\nprint("out")\nprint("err", file=sys.stderr)');
  await run.outputs();
  await kernel.execute('print("end", file=sys.stderr)').outputs();
  expect(await untilSome(() => client.others.slice(1))).not.toEqual([]);
  expect(client.others.map(({ content }) => content['text'])).toEqual(['err\n', 'end\n']);
});

test('replies go to the client that asked, and nobody else', async () => {
  const other = kernel.connect();
  await other.welcomed();
  const [mine, others] = [kernel.execute('"mine"'), other.execute('"theirs"')];
  await expect(mine).toShow({ result: { 'text/plain': "'mine'" } });
  await expect(others).toShow({ result: { 'text/plain': "'theirs'" } });
});
