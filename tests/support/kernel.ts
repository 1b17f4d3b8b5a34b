import path from 'node:path';
import { Client, type ClientOptions } from './client';
import { type ConnectionFile, newConnection } from './connection';
import { type Exit, KernelProcess, type ProcessOptions } from './kernelProcess';
import './matchers';
import type { RunningProcess } from './processes';
import { type Curve, Stranger } from './stranger';

export interface KernelOptions extends ProcessOptions {
  /** The signing key; a random one by default, empty for none. */
  key?: string;
  curve?: boolean;
  transport?: 'tcp' | 'ipc';
  /** Fields of the connection file, where the usual ones will not do. */
  connection?: Partial<ConnectionFile>;
  /** What the kernel's log may say: a test of something that goes wrong. */
  logs?: RegExp;
}

/** A running kernel and its first client. */
export class Kernel extends Client {
  private readonly clients: Client[] = [this];
  private readonly strangers: Stranger[] = [];
  private expectedExit = false;

  constructor(
    readonly process: KernelProcess,
    connection: Awaited<ReturnType<typeof newConnection>>,
    private readonly options: KernelOptions,
  ) {
    super(connection);
  }

  /** Another client of the same kernel. */
  connect(options: ClientOptions = {}): Client {
    const client = new Client(this.connection, options);
    this.clients.push(client);
    return client;
  }

  /** Somebody who can reach the sockets of the kernel. */
  stranger(options: { curve?: Curve } = {}): Stranger {
    const stranger = new Stranger(this.connection, options);
    this.strangers.push(stranger);
    return stranger;
  }

  /** The processes under the kernel's own. */
  children(): RunningProcess[] {
    return this.process.processes().filter(({ command }) => !command.includes('ferrobook-kernel'));
  }

  /** Resolves when the kernel process ended, which the test wants it to do. */
  async exit(): Promise<Exit> {
    this.expectedExit = true;
    return this.process.end();
  }

  /** Kills the kernel: no chance to clean up. */
  async kill(): Promise<Exit> {
    this.process.signal('SIGKILL');
    return this.exit();
  }

  /** Fails with everything that broke the rules or was not looked at. */
  verify(): void {
    const allowed = this.options.logs;
    const problems = [
      ...this.clients.flatMap((client) => client.takeProblems()),
      ...(this.process.running || this.expectedExit ? [] : ['the kernel ended']),
      ...this.process
        .takeComplaints()
        .filter(({ msg }) => allowed?.test(msg) !== true)
        .map((complaint) => `the log says: ${JSON.stringify(complaint)}`),
    ];
    if (problems.length > 0) throw new Error(problems.join('\n'));
  }

  /** Shuts the kernel down, if it still runs, and fails when anything is left of it. */
  async end(): Promise<void> {
    let exit: Exit | undefined;
    if (!this.expectedExit) {
      this.expectedExit = true;
      void this.say('control', 'shutdown_request', { restart: false });
      exit = await this.process.end().catch(() => undefined);
      if (exit === undefined) this.process.signal('SIGKILL');
    }
    const killed = (await this.process.end()).signal === 'SIGKILL';
    for (const peer of [...this.clients, ...this.strangers]) peer.close();
    const left = await this.process.leftovers({ directoryMayStay: killed });
    if (exit !== undefined && exit.code !== 0) left.push(`exit code ${exit.code}`);
    if (left.length > 0) throw new Error(`${left.join('\n')}\n${this.process.output}`);
  }
}

/** Kernels of the test that runs. */
const ofThisTest = new Set<Kernel>();
/** Kernels of the whole file. */
const ofThisFile = new Set<Kernel>();

/** Starts a kernel that lives until the end of the test. Resolves when its iopub channel has welcomed us. */
export async function startKernel(options: KernelOptions = {}): Promise<Kernel> {
  const kernel = await launch(options);
  await kernel.welcomed();
  return kernel;
}

/** Like {@link startKernel}, for all tests of a file: call it in `beforeAll`. */
export async function startSharedKernel(options: KernelOptions = {}): Promise<Kernel> {
  const kernel = await launch(options);
  ofThisTest.delete(kernel);
  ofThisFile.add(kernel);
  await kernel.welcomed();
  return kernel;
}

/** Like {@link startKernel}, for a kernel that is not expected to come up. */
export async function launch(options: KernelOptions = {}): Promise<Kernel> {
  const { process: started, connection } = await KernelProcess.start(
    (directory) =>
      newConnection({
        ...(options.key === undefined ? {} : { key: options.key }),
        ...(options.curve === undefined ? {} : { curve: options.curve }),
        ...(options.transport === 'ipc' ? { ipc: path.join(directory, 'zmq') } : {}),
        fields: options.connection ?? {},
      }),
    options,
  );
  const kernel = new Kernel(started, connection, options);
  ofThisTest.add(kernel);
  return kernel;
}

afterEach(async () => {
  const ending = [...ofThisTest];
  ofThisTest.clear();
  const checks = [
    ...[...ofThisFile, ...ending].map((kernel) => () => {
      kernel.verify();
    }),
    ...ending.map((kernel) => () => kernel.end()),
  ];
  await runAll(checks);
});

afterAll(async () => {
  await runAll([...ofThisFile].map((kernel) => () => kernel.end()));
});

/** Runs all of them, whatever becomes of each, and throws what they threw. */
async function runAll(checks: (() => void | Promise<void>)[]): Promise<void> {
  const errors: string[] = [];
  for (const check of checks) {
    try {
      await check();
    } catch (error) {
      errors.push((error as Error).message);
    }
  }
  if (errors.length > 0) throw new Error(errors.join('\n'));
}
