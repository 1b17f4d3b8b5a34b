import { type Variable, type VariableValue, withUsual } from '@ferrobook/notebook';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import path from 'node:path';
import type { Log } from '../../log';
import { type CellError, cellError } from '../cellError';
import { LOSSES, stateText } from '../language';
import type {
  Cell,
  CellEvent,
  CellOutcome,
  Checker,
  CompileCache,
  Completeness,
  Completions,
  Inspection,
  Language,
  LanguageInfo,
  LanguageState,
  LanguageStatus,
} from '../language';
import type { Origin } from '../origin';
import { rustInfo } from './info';
import { CLEAR_OUTPUT_MIME, mimeBundle } from './mimeBundle';
import { residentMb } from '../childProcess';
import type { Answer, Diagnostic, Question, SnapshotPolicy, Versions } from './protocol';
import { type HostEvent, RustHost, RustHostError } from './rustHost';

/** What the Rust back end reports outside of a running cell. */
export interface RustObserver {
  /**
   * The process is gone and its state with it; the next cell starts a new one. `announced`: the cell that it died of
   * has already told the user.
   */
  onDeath(error: Error, announced: boolean): void;
  /** {@link RustLanguage.state} is another one. */
  onState(): void;
  /** Resolves when more output may be read. */
  room(): Promise<void>;
}

/** Where things are that the Rust back end needs. */
export interface RustPaths {
  /** The directory that holds `ferrobook-runtime` and `ferrobook-cell`. */
  readonly runtime: string;
  /** A private directory for what is compiled. */
  readonly directory: string;
}

/** Rust cells: compiled and run by the Rust host, which warms up in the background and is started again after it died. */
export class RustLanguage implements Language {
  readonly name = 'rust';

  readonly check: Checker = {
    check: (code, cell) => this.checkCell(code, cell),
    cancel: () => this.cancelChecks(),
  };

  readonly cache: CompileCache = {
    usage: async (clear) => (await this.ask({ type: 'cache', clear }))?.usage,
  };

  private host: Promise<RustHost> | undefined;
  private generation = 0;
  private nextId = 1;
  /** When the host said that it can run cells, as a reading of `performance.now()`. */
  private readyAt = 0;
  private runningId: number | undefined;
  /** Checks that have no answer yet. */
  private checking = 0;
  private toolchain: Versions | undefined;
  private snapshots: SnapshotPolicy | undefined;
  /** The process that holds the variables. */
  private holder: number | undefined;
  private unavailable: { message: string; help: string } | undefined;

  constructor(
    private readonly paths: RustPaths,
    private readonly observer: RustObserver,
    private readonly log: Log,
  ) {}

  /** The tools' versions, once the host has told them. */
  get versions(): Versions | undefined {
    return this.toolchain;
  }

  /** Why Rust cells cannot run, as far as is known. */
  get problem(): string | undefined {
    return this.unavailable === undefined
      ? undefined
      : `${this.unavailable.message}. ${this.unavailable.help}`;
  }

  get state(): LanguageState {
    if (this.problem !== undefined) return { name: 'unavailable', problem: this.problem };
    if (this.host === undefined) return { name: 'stopped' };
    return { name: this.readyAt > 0 ? 'ready' : 'starting' };
  }

  start(): void {
    void this.ready().catch((error: unknown) =>
      this.log.warn({ reason: (error as Error).message }, 'the Rust host did not start'),
    );
  }

  async execute(cell: Cell, emit: (event: CellEvent) => void): Promise<CellOutcome> {
    const page = /^\s*\?\s*([\w:]+!?)\s*$/.exec(cell.code);
    if (page?.[1] !== undefined) return this.page(page[1]);
    const outcome: CellOutcome = isBlank(cell.code)
      ? { status: 'ok' }
      : await this.run(cell.code, cell, emit);
    if (outcome.status === 'ok' && Object.keys(cell.userExpressions).length > 0) {
      outcome.userExpressions = await this.evaluate(cell.userExpressions);
    }
    return outcome;
  }

  async interrupt(): Promise<void> {
    if (this.runningId !== undefined) (await this.ready()).interrupt();
  }

  input(value: string | undefined): void {
    const id = this.runningId;
    if (id === undefined) return;
    void this.host?.then((host) => host.send({ type: 'input', id, value: value ?? null }));
  }

  async complete(_origin: Origin, code: string, cursor: number): Promise<Completions> {
    const nothing = { matches: [], cursor_start: cursor, cursor_end: cursor, metadata: {} };
    const answer = await this.ask({ type: 'complete', code, cursor });
    if (answer === undefined) return nothing;
    return {
      matches: answer.matches.map((match) => match.text),
      cursor_start: answer.start,
      cursor_end: answer.end,
      metadata: {
        // What JupyterLab and IPython frontends draw the kinds of completions from.
        _jupyter_types_experimental: answer.matches.map((match) => ({
          text: match.text,
          type: match.kind,
          start: answer.start,
          end: answer.end,
        })),
      },
    };
  }

  async inspect(_origin: Origin, code: string, cursor: number): Promise<Inspection> {
    const answer = await this.ask({ type: 'inspect', code, cursor });
    const data = answer?.data ?? {};
    return { found: Object.keys(data).length > 0, data, metadata: {} };
  }

  async isComplete(_origin: Origin, code: string): Promise<Completeness> {
    const answer = await this.ask({ type: 'isComplete', code });
    if (answer === undefined) return { status: 'unknown' };
    return answer.status === 'incomplete'
      ? { status: 'incomplete', indent: answer.indent }
      : { status: answer.status };
  }

  expect(codes: readonly string[], idle: boolean): void {
    void this.host
      ?.then((host) => host.send({ type: 'expect', codes: [...codes], idle }))
      .catch(() => undefined);
  }

  async restart(): Promise<void> {
    await this.shutdown();
    this.start();
  }

  info(): Promise<LanguageInfo> {
    return Promise.resolve(rustInfo(this.versions));
  }

  async status(): Promise<LanguageStatus> {
    const pid = (await this.host?.catch(() => undefined))?.pid;
    const versions = this.toolchain;
    return {
      state: stateText(this.state),
      processes: await Promise.all(
        Object.entries({ host: pid, cells: this.holder }).flatMap(([name, pid]) =>
          pid === undefined
            ? []
            : [residentMb(pid).then((residentMb) => ({ name, pid, residentMb }))],
        ),
      ),
      details: [
        ...(versions === undefined
          ? []
          : [`rustc ${versions.rustc}, cargo ${versions.cargo}, evcxr ${versions.evcxr}`]),
        ...(this.snapshots === undefined ? [] : [snapshotText(this.snapshots)]),
      ],
    };
  }

  async variables(): Promise<Variable[] | undefined> {
    if (this.state.name !== 'ready') return [];
    const answer = await this.ask({ type: 'variables' });
    return answer?.variables?.map(({ name, typeName, size }) => ({
      name,
      type: typeName,
      ...(size === null ? {} : { size }),
    }));
  }

  async value(name: string): Promise<VariableValue> {
    if (this.state.name !== 'ready') return { problem: `There is no variable ${name} any more.` };
    const value = (await this.ask({ type: 'value', name }))?.value;
    if (value === undefined) return { problem: `Rust has ended over it. ${LOSSES.rust}` };
    if (value.type === 'problem') return { problem: value.problem };
    return {
      data: mimeBundle(value.data),
      ...(value.size === null ? {} : { size: value.size }),
    };
  }

  async shutdown(): Promise<void> {
    this.readyAt = 0;
    this.holder = undefined;
    const starting = this.host;
    this.host = undefined;
    this.observer.onState();
    const host = await starting?.catch(() => undefined);
    await host?.shutdown();
  }

  /**
   * What the compiler says about a cell that is being typed; `null` when it did not get to look at all of it, because
   * something else was asked for.
   */
  private async checkCell(code: string, cell: string | undefined): Promise<Diagnostic[] | null> {
    this.checking += 1;
    const answer = await this.ask({ type: 'check', code, cell: cell ?? null });
    this.checking -= 1;
    return answer?.diagnostics ?? null;
  }

  /** Ends the checks that have no answer yet. */
  private cancelChecks(): void {
    if (this.checking === 0) return;
    void this.host?.then((host) => host.send({ type: 'cancelChecks' })).catch(() => undefined);
  }

  private async run(
    code: string,
    { allowStdin, options, cellId, executionCount }: RunnableCell,
    emit: (event: CellEvent) => void,
  ): Promise<CellOutcome> {
    let host: RustHost;
    try {
      host = await this.ready();
    } catch (error) {
      return { status: 'error', error: asCellError(error as Error) };
    }
    const id = this.nextId++;
    this.runningId = id;
    let failure: Pick<CellOutcome, 'error' | 'diagnostics'> = {};
    const outcome = await new Promise<CellOutcome>((resolve) => {
      host.request(
        { type: 'execute', id, code, allowStdin, options, cell: { id: cellId, executionCount } },
        {
          on: (event) => {
            if (event.type === 'error') {
              failure = { error: event.error, diagnostics: event.diagnostics };
            } else if (event.type === 'done') {
              resolve({ status: event.status, timing: event.timing, ...failure });
            } else {
              const cellEvent = toCellEvent(event);
              if (cellEvent !== undefined) emit(cellEvent);
            }
          },
          lost: (error) => resolve({ status: 'error', error: asCellError(error), ...failure }),
        },
      );
    });
    host.release(id);
    if (this.runningId === id) this.runningId = undefined;
    return outcome;
  }

  /** Evaluates `user_expressions`: each is a cell of its own, of which only the value is kept. */
  private async evaluate(expressions: Cell['userExpressions']): Promise<Record<string, unknown>> {
    const values: Record<string, unknown> = {};
    for (const [name, expression] of Object.entries(expressions)) {
      let data: Record<string, unknown> = {};
      const outcome = await this.run(expression, HIDDEN_CELL, (event) => {
        if (event.kind === 'result' || event.kind === 'display') data = event.data;
      });
      values[name] =
        outcome.status === 'ok'
          ? { status: 'ok', data, metadata: {} }
          : { status: 'error', ...outcome.error };
    }
    return values;
  }

  /** `?name` shows the documentation of a name in the frontend's pager, as it does in Python. */
  private async page(name: string): Promise<CellOutcome> {
    const answer = await this.ask({ type: 'inspect', code: name, cursor: [...name].length });
    const data = answer?.data ?? {};
    if (Object.keys(data).length > 0) {
      return { status: 'ok', payload: [{ source: 'page', data, start: 0 }] };
    }
    const message = `nothing is known of \`${name}\``;
    return { status: 'error', error: cellError({ name: 'NotFound', message }) };
  }

  /** The host's answer; `undefined` when there is no host to give one. */
  private async ask<Q extends Question>(
    question: Q,
  ): Promise<Extract<Answer, { type: Q['type'] }> | undefined> {
    const host = await this.ready().catch(() => undefined);
    if (host === undefined) return undefined;
    const id = this.nextId++;
    const event = await new Promise<HostEvent | undefined>((resolve) => {
      host.request({ type: 'ask', id, question }, { on: resolve, lost: () => resolve(undefined) });
    });
    host.release(id);
    return event?.type === 'answer' && isAnswer(event.answer, question) ? event.answer : undefined;
  }

  private ready(): Promise<RustHost> {
    this.host ??= this.launch();
    return this.host;
  }

  private async launch(): Promise<RustHost> {
    const program = path.join(this.paths.runtime, 'ferrobook-runtime');
    try {
      await access(program, constants.X_OK);
    } catch {
      this.host = undefined;
      this.unavailable = {
        message: `Rust cells cannot run: ${program} is missing`,
        help: 'Install Ferrobook again; in a clone of it, `npm start` builds what is missing',
      };
      this.observer.onState();
      throw new RustUnavailable(this.problem);
    }
    this.generation += 1;
    this.observer.onState();
    return RustHost.start(
      program,
      path.join(this.paths.directory, String(this.generation)),
      {
        onReady: (versions, snapshots) => {
          this.toolchain = versions;
          this.snapshots = snapshots;
          this.readyAt = performance.now();
          this.unavailable = undefined;
          this.observer.onState();
        },
        onHolder: (pid) => {
          this.holder = pid;
        },
        onUnavailable: (message, help) => {
          this.unavailable = { message, help };
          this.observer.onState();
        },
        onDeath: (error, announced) => {
          this.host = undefined;
          this.holder = undefined;
          this.readyAt = 0;
          this.observer.onState();
          this.observer.onDeath(error, announced);
        },
        room: () => this.observer.room(),
      },
      this.log,
    );
  }
}

/** What the host is told of a cell besides its code. */
type RunnableCell = Pick<Cell, 'allowStdin' | 'options' | 'cellId'> & {
  executionCount: number | null;
};

/** How cells run that are not the user's. */
const HIDDEN_CELL: RunnableCell = {
  allowStdin: false,
  options: withUsual({}),
  cellId: null,
  executionCount: null,
};

function snapshotText({ limitMb }: SnapshotPolicy): string {
  return limitMb === 0
    ? 'snapshots off: a crash or an interrupt loses the variables'
    : `a snapshot before each cell, while the variables take less than ${limitMb} MB`;
}

function isAnswer<Q extends Question>(
  answer: Answer,
  { type }: Q,
): answer is Extract<Answer, { type: Q['type'] }> {
  return answer.type === type;
}

function toCellEvent(event: HostEvent): CellEvent | undefined {
  switch (event.type) {
    case 'stream':
      return { kind: 'stream', name: event.name, text: event.text };
    case 'display': {
      const data = mimeBundle(event.data);
      const clear = data[CLEAR_OUTPUT_MIME] as { wait?: unknown } | null | undefined;
      if (clear !== undefined) return { kind: 'clearOutput', wait: clear?.wait === true };
      return { kind: event.result ? 'result' : 'display', data };
    }
    case 'inputRequest':
      return { kind: 'inputRequest', prompt: event.prompt, password: event.password };
    case 'phase':
      return {
        kind: 'phase',
        phase: event.phase,
        ...(event.crates === null ? {} : { crates: event.crates }),
      };
    default:
      return undefined;
  }
}

/** Whether a cell holds nothing but space and comments, so that there is nothing to run. */
function isBlank(code: string): boolean {
  let rest = code.trimStart();
  for (;;) {
    if (rest === '') return true;
    if (rest.startsWith('//')) {
      const end = rest.indexOf('\n');
      rest = end < 0 ? '' : rest.slice(end).trimStart();
    } else if (rest.startsWith('/*')) {
      const end = endOfBlockComment(rest);
      if (end === undefined) return false;
      rest = rest.slice(end).trimStart();
    } else {
      return false;
    }
  }
}

/** Where the block comment ends that `code` begins with; Rust's nest. `undefined` when it does not end. */
function endOfBlockComment(code: string): number | undefined {
  let depth = 0;
  for (const { 0: token, index } of code.matchAll(/\/\*|\*\//g)) {
    depth += token === '/*' ? 1 : -1;
    if (depth === 0) return index + token.length;
  }
  return undefined;
}

/** Rust cells cannot run at all; the message says why and what to do. */
class RustUnavailable extends Error {
  override readonly name = 'RustUnavailable';
}

/** How a cell fails that the host could not run, or did not survive. */
function asCellError(error: Error): CellError {
  const isKept =
    error instanceof RustUnavailable || (error instanceof RustHostError && error.wanted);
  return cellError(error, isKept ? undefined : LOSSES.rust);
}
