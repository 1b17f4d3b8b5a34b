import { Client, type ExecuteOptions } from '../support/client';
import { newConnection } from '../support/connection';
import { KernelProcess, RUNTIME } from '../support/kernelProcess';
import { plain } from '../support/plain';
import type { Output } from '../support/outputs';
import type { Request } from '../support/request';

/** What became of a cell. */
export interface Outcome {
  status: string;
  /** What it showed, errors left out. */
  outputs: Output[];
  /** The name, the message and the traceback of its error, without colours; empty without one. */
  error: string;
}

/** A request that got no reply, or no idle. */
export class LostCell extends Error {
  override readonly name = 'LostCell';
}

/** The processes of a kernel whose memory is watched. */
export type Role = 'kernel' | 'ipykernel' | 'host' | 'cell';

/** What the log says when a child is killed. */
const EXPECTED_LOG = /^a language ended unexpectedly$/;

/** A real kernel with one client, and a count of what went wrong with it. */
export class Notebook {
  cells = 0;

  private constructor(
    readonly process: KernelProcess,
    readonly client: Client,
    private readonly onProblem: (problem: string) => void,
  ) {}

  static async start(onProblem: (problem: string) => void): Promise<Notebook> {
    const { process, connection } = await KernelProcess.start(() => newConnection(), {
      warmUp: true,
    });
    const client = new Client(connection);
    await client.welcomed();
    return new Notebook(process, client, onProblem);
  }

  /** Runs a cell to its end. `meanwhile` is what the user does while it runs. */
  async run(
    code: string,
    options: ExecuteOptions = {},
    meanwhile?: (request: Request) => Promise<void>,
  ): Promise<Outcome> {
    this.cells += 1;
    const request = this.client.execute(code, options);
    const acting = meanwhile?.(request);
    const ended = await request.done().catch((error: unknown) => error as Error);
    if (ended instanceof Error) throw new LostCell(ended.message);
    await acting;
    const { status } = (await request.reply()).content;
    const error = request
      .takeErrors()
      .map(({ content }) => [content['ename'], content['evalue'], content['traceback']].join('\n'))
      .join('\n');
    const outcome = {
      status: String(status),
      outputs: await request.outputs(),
      error: plain(error),
    };
    this.settle();
    return outcome;
  }

  /** Any other request, to its end. */
  async ask(request: Request): Promise<Record<string, unknown>> {
    const reply = await request.result().catch((error: unknown) => error as Error);
    if (reply instanceof Error) throw new LostCell(reply.message);
    this.settle();
    return reply;
  }

  /** A message that has no reply, until the kernel is idle again. */
  async tell(request: Request): Promise<void> {
    const ended = await request.done().catch((error: unknown) => error as Error);
    if (ended instanceof Error) throw new LostCell(ended.message);
    this.settle();
  }

  /** The processes that play a role, those that have the most memory first. */
  pids(role: Role): number[] {
    const is: Record<Role, (command: string) => boolean> = {
      kernel: (command) => command.includes('ferrobook-kernel'),
      ipykernel: (command) => command.includes('ferrobook/_bridge/launch.py'),
      host: (command) => command === `${RUNTIME}/ferrobook-runtime`,
      cell: (command) => command.startsWith(`${RUNTIME}/ferrobook-cell`),
    };
    return this.process
      .processes()
      .filter(({ command }) => is[role](command))
      .map(({ pid }) => pid);
  }

  /** Ends it; what is left of it is a problem. */
  async end(): Promise<void> {
    void this.client.say('control', 'shutdown_request', { restart: false });
    await this.process.end().catch(() => this.process.signal('SIGKILL'));
    await this.process.end();
    this.client.close();
    for (const left of await this.process.leftovers()) this.onProblem(left);
  }

  /** Ends it without more questions. */
  async kill(): Promise<void> {
    this.process.signal('SIGKILL');
    await this.process.end();
    this.client.close();
    await this.process.leftovers({ directoryMayStay: true });
  }

  /** Reports what broke the rules of the protocol, and what the log complains about. */
  private settle(): void {
    // Comms of a killed process are closed at a time of their own.
    this.client.orphans.splice(0);
    for (const problem of this.client.takeProblems()) this.onProblem(problem);
    for (const { msg } of this.process.takeComplaints()) {
      if (!EXPECTED_LOG.test(msg)) this.onProblem(`the log says: ${msg}`);
    }
    if (!this.process.running) throw new LostCell(`the kernel ended: ${this.process.output}`);
  }
}
