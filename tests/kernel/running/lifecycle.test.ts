import { createServer, type Server } from 'node:net';
import { once } from 'node:events';
import { launch, startKernel } from '../../support/kernel';
import { PYTHON } from '../../support/kernelProcess';
import { untilNone } from '../../support/processes';

/** How long what a dead kernel started may live on, in milliseconds; a kernel looks for its parent once a second. */
const AFTERLIFE = 30_000;

test('kernel_info is answered before Python is up, and names the interpreter', async () => {
  const kernel = await startKernel();
  const order: string[] = [];
  const cell = kernel.execute('1');
  const info = kernel.kernelInfo();
  void cell.done().then(() => order.push('cell'));
  void info.done().then(() => order.push('info'));
  const content = await info.result();
  await expect(cell).toShow({ result: { 'text/plain': '1' } });
  expect(order).toEqual(['info', 'cell']);
  expect(content).toMatchObject({
    implementation: 'ferrobook',
    protocol_version: expect.stringMatching(/^5\.\d$/) as string,
    language_info: { name: 'python', version: expect.stringMatching(/^3\./) as string },
    banner: expect.stringContaining(`(${PYTHON})`) as string,
    debugger: true,
    supported_features: ['debugger'],
  });
});

test('kernel_info on the control channel', async () => {
  const kernel = await startKernel();
  await expect(kernel.kernelInfo('control')).toReplyOk({ implementation: 'ferrobook' });
});

test('a notebook whose default language is Rust', async () => {
  const kernel = await startKernel({ defaultLanguage: 'rust' });
  await expect(kernel.kernelInfo()).toReplyOk({
    language_info: expect.objectContaining({ name: 'rust', file_extension: '.rs' }) as object,
  });
  await expect(kernel.execute('%%python\n1 + 1')).toShow({ result: { 'text/plain': '2' } });
});

test('the heartbeat comes back as it was sent', async () => {
  const kernel = await startKernel();
  const ping = Buffer.from([0, 255, 1]);
  expect(await kernel.heartbeat(ping)).toEqual([ping]);
  expect(await kernel.heartbeat(Buffer.alloc(0))).toEqual([Buffer.alloc(0)]);
});

test('sockets on ipc', async () => {
  const kernel = await startKernel({ transport: 'ipc' });
  await expect(kernel.execute('1')).toShow({ result: { 'text/plain': '1' } });
});

test.each([[false], [true]])(
  'shutdown with restart %s: replies on control and iopub, then code 0 and nothing is left',
  async (restart) => {
    const kernel = await startKernel();
    await kernel.execute('1;').done();
    const run = kernel.shutdown(restart);
    expect((await run.reply()).content).toEqual({ status: 'ok', restart });
    expect(await run.outputs()).toEqual([
      { other: 'shutdown_reply', content: { status: 'ok', restart } },
    ]);
    expect(await kernel.exit()).toEqual({ code: 0, signal: null });
  },
);

test('a shutdown while a cell runs', async () => {
  const kernel = await startKernel();
  const running = kernel.execute('print("going")\nimport time\ntime.sleep(1000)');
  await running.nextText('going\n');
  const waiting = kernel.execute('print("never")');
  const shutdown = kernel.shutdown();
  expect((await shutdown.reply()).content).toEqual({ status: 'ok', restart: false });
  expect(await kernel.exit()).toEqual({ code: 0, signal: null });
  for (const request of [running, waiting, shutdown]) kernel.forget(request);
});

test('a shutdown while the languages are still starting', async () => {
  const kernel = await startKernel();
  await expect(kernel.shutdown().done()).resolves.toBeDefined();
  kernel.takeProblems();
  expect(await kernel.exit()).toEqual({ code: 0, signal: null });
});

test.each(['SIGTERM', 'SIGHUP'] as const)('%s ends the kernel in order', async (signal) => {
  const kernel = await startKernel();
  await kernel.execute('1;').done();
  kernel.process.signal(signal);
  expect(await kernel.exit()).toEqual({ code: 0, signal: null });
});

test('SIGINT interrupts the running cell; the kernel goes on', async () => {
  const kernel = await startKernel();
  const run = kernel.execute('print("looping")\nwhile True: pass');
  await run.nextText('looping\n');
  kernel.process.signal('SIGINT');
  await expect(run).toFailWith({ ename: 'KeyboardInterrupt' });
  await expect(kernel.execute('1')).toShow({ result: { 'text/plain': '1' } });
});

test('a kernel that is killed while cells run leaves no process behind', async () => {
  const kernel = await startKernel();
  const python = kernel.execute(
    'import threading, time\nthreading.Thread(target=time.sleep, args=[1000]).start()',
  );
  await expect(python).toShow();
  const rust = kernel.execute('%%rust\nprintln!("going"); loop {}');
  await rust.nextText('going\n');
  kernel.forget(rust);
  const commands = kernel.children().map(({ command }) => command);
  for (const program of ['launch.py', 'ferrobook-runtime', 'ferrobook-cell']) {
    expect(commands).toContainEqual(expect.stringContaining(program));
  }
  await kernel.kill();
  expect(await untilNone(() => kernel.children(), AFTERLIFE)).toEqual([]);
});

test('a kernel follows the client that started it, however that ended', async () => {
  const kernel = await startKernel({
    parent: ['sh', '-c', '"$@" & wait', 'sh'],
    env: { JPY_PARENT_PID: '1' },
  });
  await expect(kernel.execute('1')).toShow({ result: { 'text/plain': '1' } });
  kernel.process.signal('SIGKILL');
  expect(await untilNone(() => kernel.process.processes(), AFTERLIFE)).toEqual([]);
  await kernel.exit();
});

test('what a killed kernel left in the temporary directory goes when the next one starts', async () => {
  const killed = await startKernel();
  await expect(killed.execute('1;')).toShow();
  await killed.kill();
  expect(killed.process.privateDirectories()).toHaveLength(1);
  const [left] = killed.process.privateDirectories();
  const next = await startKernel({ env: { TMPDIR: killed.process.directory } });
  await expect(next.execute('1;')).toShow();
  const now = killed.process.privateDirectories();
  expect(now).toHaveLength(1);
  expect(now).not.toContain(left);
  expect(await next.shutdown().result()).toMatchObject({ status: 'ok' });
  next.takeProblems();
  await next.exit();
  expect(killed.process.privateDirectories()).toEqual([]);
});

describe('when the kernel cannot start', () => {
  let taken: Server;
  beforeAll(async () => {
    taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
  });
  afterAll(() => {
    taken.close();
  });

  test.each(['shell', 'iopub', 'hb'] as const)(
    'a %s port in use ends it with code 1 and a message that names the port',
    async (channel) => {
      const { port } = taken.address() as { port: number };
      const kernel = await launch({ connection: { [`${channel}_port`]: port }, logs: /./ });
      expect(await kernel.exit()).toEqual({ code: 1, signal: null });
      const { output } = kernel.process;
      expect(output).toContain(`the ${channel} channel cannot be bound to tcp://127.0.0.1:${port}`);
      expect(output).not.toContain('    at ');
    },
  );

  test('a connection file that says nonsense', async () => {
    const kernel = await launch({ connection: { signature_scheme: 'hmac-md5' }, logs: /./ });
    expect(await kernel.exit()).toEqual({ code: 1, signal: null });
    expect(kernel.process.output).toMatch(/connection\.json.*signature_scheme/s);
  });
});
