import { randomUUID } from 'node:crypto';
import { type Kernel, startSharedKernel } from '../../support/kernel';

let kernel: Kernel;
beforeAll(async () => {
  kernel = await startSharedKernel();
  await expect(
    kernel.execute(`
from comm import create_comm

def opened(comm, message):
    def echo(message):
        content = message["content"]
        comm.send({"got": content["data"]}, buffers=[bytes(b) for b in reversed(message["buffers"])])
    comm.on_msg(echo)
    comm.on_close(lambda message: print("closed by the frontend", flush=True))
    comm.send({"hello": message["content"]["data"]})

get_ipython().kernel.comm_manager.register_target("echo", opened)
`),
  ).toShow();
});

async function open(): Promise<string> {
  const id = randomUUID();
  const run = kernel.commOpen('echo', id, { from: 'test' });
  expect(await run.outputs()).toEqual([
    { other: 'comm_msg', content: { comm_id: id, data: { hello: { from: 'test' } } } },
  ]);
  return id;
}

test('a comm carries data and binary buffers both ways', async () => {
  const id = await open();
  const [first, second] = [Buffer.from([0, 255, 10, 13]), Buffer.alloc(100_000, 7)];
  const run = kernel.commMessage(id, { text: 'größe 🦀' }, [first, second]);
  expect(await run.outputs()).toEqual([
    {
      other: 'comm_msg',
      content: { comm_id: id, data: { got: { text: 'größe 🦀' } } },
      buffers: [second, first],
    },
  ]);
});

test('a comm that Python opens can be talked to', async () => {
  const run = kernel.execute(
    'mine = create_comm(target_name="in the frontend", data={"n": 1}, buffers=[b"\\x00\\xff"])\n' +
      'mine.on_msg(lambda message: print(message["content"]["data"], flush=True))',
  );
  const [opened] = await run.outputMessages();
  expect(opened).toMatchObject({
    type: 'comm_open',
    content: { target_name: 'in the frontend', data: { n: 1 } },
    buffers: [Buffer.from([0, 255])],
  });
  const id = String(opened?.content['comm_id']);
  expect(await kernel.commMessage(id, { answer: 42 }).outputs()).toEqual([
    { stdout: "{'answer': 42}\n" },
  ]);
  expect(await kernel.execute('mine.close()').outputs()).toEqual([
    { other: 'comm_close', content: expect.objectContaining({ comm_id: id }) as object },
  ]);
});

test('comm_info lists the open comms, all or those of one target', async () => {
  const id = await open();
  await expect(kernel.commInfo()).toReplyOk({
    comms: expect.objectContaining({ [id]: { target_name: 'echo' } }) as object,
  });
  await expect(kernel.commInfo('echo')).toReplyOk({
    comms: expect.objectContaining({ [id]: { target_name: 'echo' } }) as object,
  });
  expect((await kernel.commInfo('other').result())['comms']).toEqual({});
});

test('a comm that the frontend closes is gone', async () => {
  const id = await open();
  expect(await kernel.commClose(id).outputs()).toEqual([{ stdout: 'closed by the frontend\n' }]);
  expect(Object.keys((await kernel.commInfo().result())['comms'] as object)).not.toContain(id);
});

test('a comm for a target that nobody knows is closed at once', async () => {
  const id = randomUUID();
  const run = kernel.commOpen('nobody', id);
  const outputs = await run.outputs();
  expect(outputs).toContainEqual({ other: 'comm_close', content: { comm_id: id, data: {} } });
});

/** The widgets of a notebook show that they are gone instead of waiting. */
test('the comms of a Python that died are closed, and the next cell gets a new Python', async () => {
  const dying = await startSharedKernel({ logs: /^a language ended unexpectedly/ });
  const opened = dying.execute('from comm import create_comm\nc = create_comm(target_name="t")');
  const [message] = await opened.outputMessages();
  await expect(dying.execute('import os\nos._exit(7)')).toFailWith({
    ename: 'ChildKernelError',
    evalue: /exited with code 7/,
  });
  expect((await dying.orphan('comm_close')).content).toEqual({
    comm_id: message?.content['comm_id'],
    data: {},
  });
  const next = dying.execute('"os" in dir(), In[-1]');
  await expect(next).toReplyOk({ execution_count: 3 });
  expect(await next.outputs()).toEqual([
    { result: { 'text/plain': `(False, '"os" in dir(), In[-1]')` } },
  ]);
});
