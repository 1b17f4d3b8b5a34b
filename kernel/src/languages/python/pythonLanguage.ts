import path from 'node:path';
import type { Log } from '../../log';
import {
  type Envelope,
  type JsonObject,
  contentOf,
  jsonFrame,
  metadataOf,
  textField,
} from '../../wire/message';
import type { Variable, VariableValue } from '@ferrobook/notebook';
import { cellError } from '../cellError';
import { LOSSES, startPhase, stateText } from '../language';
import type {
  Cell,
  CellEvent,
  CellOutcome,
  Completeness,
  Completions,
  History,
  Inspection,
  Language,
  LanguageInfo,
  LanguageState,
  LanguageStatus,
  Relay,
} from '../language';
import { Origin } from '../origin';
import { residentMb } from '../childProcess';
import { ChildKernel, ChildKernelError, type LineMagic, shutDown } from './childKernel';
import { pythonInfo } from './info';
import type { Interpreter } from './interpreter';

/** What the Python back end reports outside of a running cell. */
export interface PythonObserver {
  /** An iopub message of ipykernel, to be published as it is. Later ones wait until it is dealt with. */
  onOutput(message: Envelope): void | Promise<void>;
  /** The process is gone and its state with it; the next cell starts a new one. */
  onDeath(error: Error): void;
  /** {@link PythonLanguage.state} is another one. */
  onState(): void;
  /** Resolves when more output may be read. */
  room(): Promise<void>;
}

/** Where things are that a Python child needs. */
export interface PythonPaths {
  /** `ferrobook/_bridge/launch.py`. */
  readonly launcher: string;
  /** A private directory for sockets and the connection file. */
  readonly directory: string;
  /** The line magics that the bridge answers. */
  readonly magics: readonly LineMagic[];
}

interface Running {
  emit: (event: CellEvent) => void;
  interrupted: () => void;
  /** Whether ipykernel has published its error. */
  failed: boolean;
}

/** Python cells: relayed to an ipykernel, which is started in the background and again after it died. */
export class PythonLanguage implements Language {
  readonly name = 'python';

  readonly relay: Relay = {
    forward: async (channel, request) => (await this.ready()).forward(channel, request),
    hasCellMagic: (name) => this.hasCellMagic(name),
  };

  /** IPython keeps it. */
  readonly history: History = {
    remember: (count, source) => this.unsynced.push([count, source]),
    answer: (request, nextCount) => this.answerHistory(request, nextCount),
  };

  private child: Promise<ChildKernel> | undefined;
  /** The same, from the moment at which its process is there. */
  private newest: ChildKernel | undefined;
  /** The same, once it is up. */
  private up: ChildKernel | undefined;
  /** How often it was started or shut down. */
  private generation = 0;
  /** The running cell is the one that asked for a restart, so that its end is no failure. */
  private restartedByCell = false;
  /** The number that ipykernel would give to its next prompt. */
  private childCount = 1;
  /** Cells of other languages that IPython's history does not have yet. */
  private unsynced: [count: number, source: string][] = [];
  private running: Running | undefined;
  /** Why Python cells cannot run. */
  private problem: string | undefined;

  constructor(
    private readonly interpreter: Promise<Interpreter>,
    private readonly paths: PythonPaths,
    private readonly observer: PythonObserver,
    private readonly log: Log,
  ) {}

  get state(): LanguageState {
    if (this.problem !== undefined) return { name: 'unavailable', problem: this.problem };
    if (this.child === undefined) return { name: 'stopped' };
    return { name: this.up === undefined ? 'starting' : 'ready' };
  }

  start(): void {
    void this.ready().catch((error: unknown) => {
      if (error instanceof ChildKernelError && error.wanted) return;
      this.log.warn({ reason: (error as Error).message }, 'Python did not start');
    });
  }

  async execute(cell: Cell, emit: (event: CellEvent) => void): Promise<CellOutcome> {
    const interrupted = new Promise<never>((_, reject) => {
      this.running = { emit, failed: false, interrupted: () => reject(new StartInterrupted()) };
    });
    const asked = performance.now();
    let child: ChildKernel | undefined;
    try {
      child = await Promise.race([this.ready(), interrupted]);
      const waited = performance.now() - asked;
      interrupted.catch(() => undefined);
      const running = { emit, failed: false, interrupted: () => this.up?.interrupt() };
      this.running = running;
      emit({ kind: 'phase', phase: 'run' });
      this.synchronise(child, cell.executionCount);
      const request = Origin.messageOf(cell.origin);
      const reply = await child.forward(
        'shell',
        request,
        // Aborting the queue is the bridge's business: only it knows the cells of both languages.
        jsonFrame({
          ...contentOf(request),
          stop_on_error: false,
          allow_stdin: cell.allowStdin,
        }),
        cell.silent,
      );
      return reply === undefined ? { status: 'ok' } : this.outcome(reply, waited, running.failed);
    } catch (error) {
      if (this.restartedByCell) {
        // What the restart has to say comes before the cell's end.
        await new Promise((resolve) => setImmediate(resolve));
        return { status: 'ok' };
      }
      const loss = child?.died === true ? LOSSES.python : undefined;
      return { status: 'error', error: cellError(error as Error, loss) };
    } finally {
      this.restartedByCell = false;
      this.running = undefined;
    }
  }

  interrupt(): Promise<void> {
    if (this.running !== undefined) this.running.interrupted();
    else if (this.up?.serving === true) this.up.interrupt();
    this.newest?.wake();
    return Promise.resolve();
  }

  input(value: string | undefined): void {
    void this.child?.then((child) => child.answerInput(value ?? ''));
  }

  async complete(origin: Origin, _code: string, cursor: number): Promise<Completions> {
    return (await this.reply(withCursor(origin, cursor))) as unknown as Completions;
  }

  async inspect(origin: Origin, _code: string, cursor: number): Promise<Inspection> {
    return (await this.reply(withCursor(origin, cursor))) as unknown as Inspection;
  }

  async isComplete(origin: Origin): Promise<Completeness> {
    return (await this.reply(Origin.messageOf(origin))) as unknown as Completeness;
  }

  async restart(byCell: boolean): Promise<void> {
    this.restartedByCell = byCell && this.running !== undefined;
    await this.shutdown();
    this.start();
  }

  async info(): Promise<LanguageInfo> {
    return pythonInfo(await this.interpreter);
  }

  async status(): Promise<LanguageStatus> {
    const interpreter = await this.interpreter;
    const pid = this.up?.pid;
    return {
      state: stateText(this.state),
      processes:
        pid === undefined ? [] : [{ name: 'ipykernel', pid, residentMb: await residentMb(pid) }],
      details: [
        `Python ${interpreter.version}, ipykernel ${interpreter.ipykernel ?? 'missing'}`,
        interpreter.path,
      ],
    };
  }

  async variables(): Promise<Variable[] | undefined> {
    if (this.up === undefined) return [];
    return (await this.lookUp('listing()')) as Variable[] | undefined;
  }

  async value(name: string): Promise<VariableValue> {
    const value = await this.lookUp(`value(${JSON.stringify(name)})`);
    return (value as VariableValue | undefined) ?? { problem: 'Python does not run.' };
  }

  async shutdown(): Promise<void> {
    this.up = undefined;
    const child = this.newest;
    const starting = this.child;
    this.newest = undefined;
    this.child = undefined;
    this.generation += 1;
    this.observer.onState();
    // One that is still starting is not waited for: it may never come up.
    await child?.shutdown();
    await starting?.catch(() => undefined);
  }

  /** With the cells of all languages in IPython's history. */
  private async answerHistory(request: Envelope, nextCount: number): Promise<Envelope | undefined> {
    const child = await this.ready();
    this.synchronise(child, nextCount);
    const reply = await child.forward('shell', request);
    return reply === undefined ? undefined : namingTheSession(reply, request);
  }

  private async hasCellMagic(name: string): Promise<boolean> {
    const child = await this.ready();
    const expression = `get_ipython().find_cell_magic(${JSON.stringify(name)}) is not None`;
    const reply = await child.ask('shell', 'execute_request', {
      code: '',
      silent: true,
      user_expressions: { known: expression },
    });
    return JSON.stringify(reply['user_expressions'] ?? {}).includes('"True"');
  }

  /** Calls a function of `ferrobook/_bridge/variables.py` beside the cells. `undefined` without an answer. */
  private async lookUp(call: string): Promise<unknown> {
    const reply = await this.up?.ask('shell', 'execute_request', {
      code: '',
      silent: true,
      user_expressions: {
        answer: `__import__('ferrobook._bridge.variables')._bridge.variables.${call}`,
      },
    });
    const expressions = reply?.['user_expressions'] as
      { answer?: { data?: JsonObject } } | undefined;
    return expressions?.answer?.data?.['application/json'];
  }

  private async reply(request: Envelope): Promise<JsonObject> {
    const reply = await this.relay.forward('shell', request);
    return reply === undefined ? {} : contentOf(reply);
  }

  private ready(): Promise<ChildKernel> {
    if (this.child === undefined) {
      this.child = this.launch();
      this.observer.onState();
    }
    return this.child;
  }

  private async launch(): Promise<ChildKernel> {
    this.generation += 1;
    const generation = this.generation;
    const interpreter = await this.interpreter;
    if (generation !== this.generation) throw shutDown();
    if (interpreter.problem !== undefined) {
      this.child = undefined;
      this.problem = interpreter.problem;
      this.observer.onState();
      throw new PythonUnavailable(interpreter.problem);
    }
    this.childCount = 1;
    const child = new ChildKernel(
      interpreter.path,
      this.paths.launcher,
      path.join(this.paths.directory, String(generation)),
      this.paths.magics,
      {
        onOutput: (message) => {
          if (message.header.msg_type === 'error' && this.running !== undefined)
            this.running.failed = true;
          return this.observer.onOutput(message);
        },
        onInputRequest: (content) =>
          this.running?.emit({
            kind: 'inputRequest',
            prompt: textField(content, 'prompt'),
            password: content['password'] === true,
          }),
        onDeath: (error) => {
          this.forget(child);
          this.observer.onDeath(error);
        },
        room: () => this.observer.room(),
      },
      this.log,
    );
    this.newest = child;
    try {
      await child.start();
      if (this.newest === child) {
        this.up = child;
        this.observer.onState();
      }
      return child;
    } catch (error) {
      this.forget(child);
      await child.shutdown();
      throw error;
    }
  }

  private forget(child: ChildKernel): void {
    if (this.newest !== child) return;
    this.newest = undefined;
    this.child = undefined;
    this.up = undefined;
    this.observer.onState();
  }

  /** Brings IPython's prompt number and history up to date. Sent ahead of the next request, not waited for. */
  private synchronise(child: ChildKernel, nextCount: number): void {
    if (this.childCount === nextCount && this.unsynced.length === 0) return;
    const state = JSON.stringify({ executionCount: nextCount, inputs: this.unsynced });
    this.unsynced = [];
    this.childCount = nextCount;
    child
      .ask('shell', 'execute_request', {
        code: `__import__('ferrobook._bridge.relay')._bridge.relay.sync(${JSON.stringify(state)})`,
        silent: true,
        store_history: false,
        stop_on_error: false,
      })
      .then((reply) => {
        if (reply['status'] !== 'ok')
          this.log.warn({ reply }, 'the history could not be synchronised');
      })
      .catch((error: unknown) =>
        this.log.debug({ err: error }, 'the history was not synchronised'),
      );
  }

  /** `published`: ipykernel has published the error; IPython does not when it fails to write a traceback. */
  private outcome(reply: Envelope, waited: number, published: boolean): CellOutcome {
    const content = contentOf(reply);
    const { ferrobook, ...metadata } = metadataOf(reply);
    if (typeof content['execution_count'] === 'number') {
      // ipykernel replies with the count of the cell that just ran.
      this.childCount = content['execution_count'] + 1;
    }
    const measured = ferrobook as { runMs?: number; cpuMs?: number } | undefined;
    return {
      status: content['status'] === 'ok' ? 'ok' : 'error',
      metadata,
      ...(content['status'] === 'error'
        ? {
            error: {
              ename: textField(content, 'ename'),
              evalue: textField(content, 'evalue'),
              traceback: (content['traceback'] as string[] | undefined) ?? [],
            },
            published,
          }
        : {}),
      ...(Array.isArray(content['payload']) ? { payload: content['payload'] as unknown[] } : {}),
      userExpressions: (content['user_expressions'] as JsonObject | undefined) ?? {},
      finishedAt: reply.header.date,
      ...(typeof measured?.runMs === 'number'
        ? {
            timing: {
              phases: [...startPhase(waited), { name: 'run', ms: measured.runMs }],
              cpuMs: measured.cpuMs ?? 0,
              cached: false,
            },
          }
        : {}),
    };
  }
}

/** ipykernel insists on the cursor that a client may leave out. */
function withCursor(origin: Origin, cursor: number): Envelope {
  const request = Origin.messageOf(origin);
  const content = contentOf(request);
  if (typeof content['cursor_pos'] === 'number') return request;
  return {
    ...request,
    frames: { ...request.frames, content: jsonFrame({ ...content, cursor_pos: cursor }) },
  };
}

/**
 * IPython calls the running session 0 in a range of it, even when it was asked for by its number. The client gets the
 * number that it asked for, as in `tail` and `search`.
 */
function namingTheSession(reply: Envelope, request: Envelope): Envelope {
  const { hist_access_type: access, session } = contentOf(request);
  if (access !== 'range' || typeof session !== 'number' || session <= 0) return reply;
  const content = contentOf(reply);
  const history = content['history'] as [number, ...unknown[]][] | undefined;
  const named = history?.map(([number, ...rest]) => [number === 0 ? session : number, ...rest]);
  return {
    ...reply,
    frames: { ...reply.frames, content: jsonFrame({ ...content, history: named ?? [] }) },
  };
}

/** Python cells cannot run at all; the message says why and what to do. */
class PythonUnavailable extends Error {
  override readonly name = 'PythonUnavailable';
}

/** The user interrupted a cell that was still waiting for Python to start. */
class StartInterrupted extends Error {
  override readonly name = 'KeyboardInterrupt';
}
