import { Subscriber } from 'zeromq';
import { IopubSocket } from '../../../kernel/src/sockets/iopubSocket';

/** More than ZeroMQ and the system keep for a subscriber that does not read. */
const LARGE = Buffer.alloc(2 ** 20);
const MANY = 100;

const open: { close(): void }[] = [];
afterEach(() => {
  for (const socket of open.splice(0)) socket.close();
});

async function publisher(): Promise<{ iopub: IopubSocket; address: string }> {
  const iopub = new IopubSocket({ linger: 0 });
  open.push(iopub);
  await iopub.bind('tcp://127.0.0.1:*');
  return { iopub, address: String(iopub.lastEndpoint) };
}

/** A subscriber that was let in. It reads nothing by itself. */
async function subscriber(
  welcomes: AsyncIterator<Buffer>,
  address: string,
  topic = '',
): Promise<Subscriber> {
  const socket = new Subscriber({ linger: 0, receiveHighWaterMark: 1 });
  open.push(socket);
  socket.connect(address);
  socket.subscribe(topic);
  await welcomes.next();
  return socket;
}

/**
 * Sends until the socket takes no more; how many it took. Nothing tells whether it is the subscriber that is behind or
 * ZeroMQ's own thread, which gets on with it: so the socket has to refuse many times.
 */
async function fill(iopub: IopubSocket): Promise<number> {
  for (let sent = 0, refused = 0; sent < MANY;) {
    try {
      await iopub.send([Buffer.alloc(0), Buffer.from(String(sent)), LARGE]);
      sent += 1;
      refused = 0;
    } catch (error) {
      expect(error).toMatchObject({ code: 'EAGAIN' });
      refused += 1;
      if (refused === 20) return sent;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  throw new Error(`took ${MANY} messages`);
}

async function takes(iopub: IopubSocket, number: number): Promise<boolean> {
  return iopub.send([Buffer.alloc(0), Buffer.from(String(number)), LARGE]).then(
    () => true,
    () => false,
  );
}

test('what a slow subscriber has no room for is refused, and nothing of it is sent', async () => {
  const { iopub, address } = await publisher();
  const welcomes = iopub.subscriptions();
  const slow = await subscriber(welcomes, address);
  const taken = await fill(iopub);
  expect(taken).toBeGreaterThan(10);
  for (let number = 0; number < taken; number++) {
    const [, text] = await slow.receive();
    expect(String(text)).toBe(String(number));
  }
  while (!(await takes(iopub, taken))) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(String((await slow.receive())[1])).toBe(String(taken));
});

test('a subscriber that does not read is left out, loses messages, and comes back when it reads', async () => {
  const { iopub, address } = await publisher();
  const welcomes = iopub.subscriptions();
  const stuck = await subscriber(welcomes, address);
  const taken = await fill(iopub);
  const quick = await subscriber(welcomes, address);
  const heard = (async () => {
    for await (const [, text] of quick) if (String(text) === 'last') return;
  })();
  await iopub.sendToReady([Buffer.alloc(0), Buffer.from('not for the stuck one'), LARGE]);
  for (let number = 0; number < MANY; number++) {
    while (!(await takes(iopub, number))) await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await iopub.send([Buffer.alloc(0), Buffer.from('last')]);
  await heard;
  for (let number = 0; number < taken; number++) {
    expect(String((await stuck.receive())[1])).toBe(String(number));
  }
  for (let text = ''; text !== 'again';) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    await iopub.send([Buffer.alloc(0), Buffer.from('again')]);
    if (stuck.readable) text = String((await stuck.receive())[1]);
  }
});

test('a subscriber of another topic holds nobody up', async () => {
  const { iopub, address } = await publisher();
  const welcomes = iopub.subscriptions();
  await subscriber(welcomes, address, 'stderr');
  for (let number = 0; number < MANY; number++)
    await iopub.send([Buffer.from('stdout'), Buffer.from(String(number)), LARGE]);
});
