import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {
  ConnectionFileError,
  type ConnectionInfo,
  endpoint,
  readConnectionFile,
} from '../../../kernel/src/wire/connectionFile';

const PORTS = { shell_port: 1, iopub_port: 2, stdin_port: 3, control_port: 4, hb_port: 5 };
const KEY = 'k'.repeat(40);

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'fb-'));
});
afterAll(() => rm(directory, { recursive: true }));

async function read(content: unknown): Promise<ConnectionInfo> {
  const file = path.join(directory, 'connection.json');
  await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
  return readConnectionFile(file);
}

test('what a file leaves out has the usual value', async () => {
  expect(await read(PORTS)).toMatchObject({
    transport: 'tcp',
    ip: '127.0.0.1',
    key: '',
    signature_scheme: 'hmac-sha256',
  });
});

test('fields of newer clients are no error', async () => {
  expect(await read({ ...PORTS, kernel_name: 'ferrobook', jupyter_session: '' })).toMatchObject(
    PORTS,
  );
});

test.each([
  ['a port that is missing', { ...PORTS, hb_port: undefined }, 'hb_port'],
  ['a port out of range', { ...PORTS, shell_port: 65_536 }, 'shell_port'],
  ['another signature scheme', { ...PORTS, signature_scheme: 'hmac-md5' }, 'signature_scheme'],
  ['another transport', { ...PORTS, transport: 'inproc' }, 'transport'],
  ['a curve key of wrong length', { ...PORTS, curve_publickey: 'x' }, 'curve_publickey'],
  ['half of a key pair', { ...PORTS, curve_publickey: KEY }, 'must come together'],
  ['no JSON', '{', 'cannot read the connection file'],
  ['no object', [], 'connection.json'],
])('%s is named together with the file', async (_, content, complaint) => {
  const reading = read(content);
  await expect(reading).rejects.toThrow(ConnectionFileError);
  await expect(reading).rejects.toThrow(complaint);
  await expect(reading).rejects.toThrow(path.join(directory, 'connection.json'));
});

test('a file that is missing is named', async () => {
  await expect(readConnectionFile('/nonexistent/connection.json')).rejects.toThrow(
    'cannot read the connection file /nonexistent/connection.json',
  );
});

test.each([
  [{}, 'tcp://127.0.0.1:1'],
  [{ ip: '*' }, 'tcp://*:1'],
  [{ ip: '::1' }, 'tcp://[::1]:1'],
  [{ transport: 'ipc', ip: '/run/kernel' }, 'ipc:///run/kernel-1'],
])('the address of %j is %s', async (fields, address) => {
  expect(endpoint(await read({ ...PORTS, ...fields }), 'shell')).toBe(address);
});
