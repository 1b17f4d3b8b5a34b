import { randomInt, randomUUID } from 'node:crypto';
import { createServer } from 'node:net';
import { curveKeyPair } from 'zeromq';

const PORTS = ['shell_port', 'iopub_port', 'stdin_port', 'control_port', 'hb_port'] as const;

/** Below what Linux gives to outgoing connections, so that nobody else takes a port that was just free. */
const LOWEST_PORT = 10_000;
const HIGHEST_PORT = 32_000;

export interface ConnectionFile {
  transport: 'tcp' | 'ipc';
  ip: string;
  shell_port: number;
  iopub_port: number;
  stdin_port: number;
  control_port: number;
  hb_port: number;
  key: string;
  signature_scheme: string;
  kernel_name: string;
  curve_publickey?: string;
  curve_secretkey?: string;
}

/** A connection file's content and where its channels are. */
export interface Connection extends ConnectionFile {
  address(channel: 'shell' | 'iopub' | 'stdin' | 'control' | 'hb'): string;
}

/** A connection on free ports, or on sockets in the directory `ipc`. */
export async function newConnection(
  options: { key?: string; curve?: boolean; ipc?: string; fields?: Partial<ConnectionFile> } = {},
): Promise<Connection> {
  const ports = options.ipc === undefined ? await freePorts(PORTS.length) : [1, 2, 3, 4, 5];
  const curve = options.curve === true ? curveKeyPair() : undefined;
  const [shell_port = 0, iopub_port = 0, stdin_port = 0, control_port = 0, hb_port = 0] = ports;
  return connectionOf({
    transport: options.ipc === undefined ? 'tcp' : 'ipc',
    ip: options.ipc ?? '127.0.0.1',
    shell_port,
    iopub_port,
    stdin_port,
    control_port,
    hb_port,
    key: options.key ?? randomUUID(),
    signature_scheme: 'hmac-sha256',
    kernel_name: 'ferrobook',
    ...(curve === undefined
      ? {}
      : { curve_publickey: curve.publicKey, curve_secretkey: curve.secretKey }),
    ...options.fields,
  });
}

function connectionOf(file: ConnectionFile): Connection {
  return {
    ...file,
    address: (channel) =>
      file.transport === 'ipc'
        ? `ipc://${file.ip}-${file[`${channel}_port`]}`
        : `tcp://${file.ip}:${file[`${channel}_port`]}`,
  };
}

async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = randomInt(LOWEST_PORT, HIGHEST_PORT);
    if (await isFree(port)) ports.add(port);
  }
  return [...ports];
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => {
      resolve(false);
    });
    server.listen(port, '127.0.0.1', () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}
