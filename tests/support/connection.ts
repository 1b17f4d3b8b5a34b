import { randomInt, randomUUID } from 'node:crypto';
import { createServer } from 'node:net';
import { curveKeyPair } from 'zeromq';

const PORTS = ['shell_port', 'iopub_port', 'stdin_port', 'control_port', 'hb_port'] as const;

/**
 * Below what Linux gives to outgoing connections, and a range for each of jest's workers, so that nobody else takes a port
 * that was just free. Another run of the tests at the same time has most likely other ranges.
 */
const LOWEST_PORT = 10_000;
const PORTS_OF_WORKER = 2_000;
const WORKERS = 11;
const worker = (process.ppid + Number(process.env['JEST_WORKER_ID'] ?? 1)) % WORKERS;

/** Ports are given out one after the other: one that was given to a kernel is not given to the next. */
let lastPort = randomInt(PORTS_OF_WORKER);

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
  const ports: number[] = [];
  while (ports.length < count) {
    lastPort = (lastPort + 1) % PORTS_OF_WORKER;
    const port = LOWEST_PORT + worker * PORTS_OF_WORKER + lastPort;
    if (await isFree(port)) ports.push(port);
  }
  return ports;
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
