import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { type Kernel, startSharedKernel } from '../../support/kernel';
import { listeningSockets } from '../../support/listening';

/** A line of level debug. */
const LATE_ANSWER = 'an input reply that nobody waits for was discarded';

/** A kernel that has run cells in both languages, started by somebody who lets everybody read his files. */
let kernel: Kernel;
beforeAll(async () => {
  kernel = await startSharedKernel({
    curve: true,
    parent: ['sh', '-c', 'umask 0; exec "$@"', 'sh'],
    env: { FERROBOOK_LOG: 'trace' },
    logs: /^a message was dropped/,
  });
  await expect(kernel.execute('x = 1')).toShow();
  await expect(kernel.execute('%%rust\nlet y = 2;')).toShow();
  const asking = kernel.execute('import getpass; z = getpass.getpass()', { allow_stdin: true });
  await asking.answerWith('a typed password', await asking.question());
  await expect(asking).toShow();
  // Something for the log: an answer that comes too late, and what strangers send.
  await kernel.say('stdin', 'input_reply', { value: 'a typed password' });
  await kernel.send('shell', [Buffer.from('garbage')]);
  await kernel.send('control', [
    Buffer.from('<IDS|MSG>'),
    ...Array<Buffer>(5).fill(Buffer.from('x')),
  ]);
  await expect(kernel.kernelInfo('control')).toReplyOk();
  await kernel.process.untilSaid(LATE_ANSWER, 1);
  await kernel.process.untilSaid('a message was dropped', 2);
});

/** The directory for sockets, keys and what is compiled. */
function privateDirectory(): string {
  const directories = kernel.process.privateDirectories();
  expect(directories).toHaveLength(1);
  return path.join(kernel.process.directory, directories[0]!);
}

interface ChildConnection {
  key: string;
}

function childConnectionFile(): string {
  return path.join(privateDirectory(), 'python', '1', 'connection.json');
}

function mode(file: string): string {
  return (statSync(file).mode & 0o777).toString(8);
}

test('no process of the kernel listens on a TCP port that the connection file does not name', () => {
  const { shell_port, iopub_port, stdin_port, control_port, hb_port } = kernel.connection;
  const processes = kernel.process.processes();
  for (const name of ['ferrobook-kernel.cjs', 'launch.py', 'ferrobook-runtime', 'ferrobook-cell']) {
    expect(processes.map(({ command }) => command).join('\n')).toContain(name);
  }
  const sockets = listeningSockets(processes.map(({ pid }) => pid));
  expect(sockets.map(({ port }) => port).sort()).toEqual(
    [shell_port, iopub_port, stdin_port, control_port, hb_port].sort(),
  );
  expect([...new Set(sockets.map(({ address }) => address))]).toEqual(['0100007F']);
});

test('what the kernel keeps is for its user alone, whatever the umask', () => {
  const root = kernel.process.directory;
  const python = path.dirname(childConnectionFile());
  const state = path.join(root, 'state', 'ferrobook');
  const cache = path.join(root, 'cache');
  const directories = [
    privateDirectory(),
    path.dirname(python),
    python,
    path.join(privateDirectory(), 'rust'),
    state,
    cache,
  ];
  expect(directories.map(mode)).toEqual(directories.map(() => '700'));
  const files = [
    childConnectionFile(),
    ...readdirSync(state).map((name) => path.join(state, name)),
  ];
  expect(files).toHaveLength(2);
  expect(files.map(mode)).toEqual(files.map(() => '600'));
  // Nothing lies beside the private directory.
  expect(
    readdirSync(root)
      .filter((name) => !name.startsWith('ferrobook-'))
      .sort(),
  ).toEqual(['cache', 'connection.json', 'ipython', 'state']);
});

/** rust-analyzer wrote half a gigabyte here. */
test('the log at its most talkative level stays readable', () => {
  expect(kernel.process.log().length).toBeLessThan(1_000_000);
});

test('no key and no typed password is in the log, in arguments or in the environment', () => {
  const child = JSON.parse(readFileSync(childConnectionFile(), 'utf8')) as ChildConnection;
  const { key, curve_secretkey: curve } = kernel.connection;
  const secrets = { key, curve: curve!, child: child.key, typed: 'a typed password' };
  const log = kernel.process.log();
  expect(log).toContain(LATE_ANSWER);
  const seen = [
    { where: 'log', text: log },
    { where: 'stderr', text: kernel.process.output },
    ...kernel.process.processes().flatMap(({ pid, command }) =>
      ['cmdline', 'environ'].map((file) => ({
        where: `${file} of ${command}`,
        text: readFileSync(`/proc/${pid}/${file}`, 'latin1'),
      })),
    ),
  ];
  expect(seen.length).toBeGreaterThan(8);
  const leaks = seen.flatMap(({ where, text }) =>
    Object.entries(secrets)
      .filter(([, secret]) => text.includes(secret))
      .map(([name]) => `${name} in ${where}`),
  );
  expect(leaks).toEqual([]);
});
