import type {
  Build,
  BuildProgress,
  CellOptions,
  Diagnostic,
  LanguageName,
  LanguageStateName,
  Phase,
  Variable,
  VariableValue,
} from '@ferrobook/notebook';
import type { Envelope, JsonObject } from '../wire/message';
import type { CellError } from './cellError';
import type { Origin } from './origin';

/** Representations of one value, keyed by MIME type. */
export type MimeBundle = Record<string, unknown>;

/** What a user has to know when the process of a language is gone: one sentence. */
export const LOSSES: Record<LanguageName, string> = {
  python:
    'Python starts again with the next cell; its variables and imports are lost, Rust keeps everything.',
  rust: 'The Rust side starts again with the next cell; its variables and items are lost, Python keeps everything.',
};

/** The `start` phase of a cell that waited `ms` for its language to come up; nothing when it was up. */
export function startPhase(ms: number): Phase[] {
  return ms < 1 ? [] : [{ name: 'start', ms }];
}

/** One cell on its way to a language. */
export interface Cell {
  /** What the language is given: for Rust the marker line is blank, for Python it is the source itself. */
  readonly code: string;
  readonly origin: Origin;
  /** The frontend's id of the cell, where it sends one (`metadata.cellId`). */
  readonly cellId: string | null;
  /** The count that the cell's prompt shows. */
  readonly executionCount: number;
  readonly silent: boolean;
  readonly storeHistory: boolean;
  readonly allowStdin: boolean;
  /** Name → expression, to be evaluated after the cell. */
  readonly userExpressions: Readonly<Record<string, string>>;
  readonly options: CellOptions;
}

/** What a language reports while it runs one cell. The session turns it into Jupyter messages. */
export type CellEvent =
  | { kind: 'stream'; name: 'stdout' | 'stderr'; text: string }
  | { kind: 'display'; data: MimeBundle; metadata?: JsonObject }
  | { kind: 'result'; data: MimeBundle; metadata?: JsonObject }
  | { kind: 'clearOutput'; wait: boolean }
  | { kind: 'inputRequest'; prompt: string; password: boolean }
  /** The cell has come to another phase, or its build has got further. It waits until it has come to its first one. */
  | { kind: 'phase'; phase: 'compile' | 'run'; crates?: BuildProgress };

/** What a language has measured of one cell. */
export interface CellTiming {
  readonly phases: Phase[];
  readonly cpuMs: number;
  readonly cached: boolean;
  /** Of compiled languages. */
  readonly build?: Build;
}

/** How a cell ended. All of its events were emitted before. */
export interface CellOutcome {
  status: 'ok' | 'error';
  error?: CellError;
  /** What the compiler has said about the cell, where it refused it. */
  diagnostics?: readonly Diagnostic[];
  /** Whether the language's own process already published the error. */
  published?: boolean;
  /** When the language's own process replied (ISO 8601), where it did. */
  finishedAt?: string;
  /** Fields of the language's own `execute_reply` that are passed on. */
  payload?: unknown[];
  userExpressions?: JsonObject;
  /** Metadata of the language's own `execute_reply`. */
  metadata?: JsonObject;
  /** Time as the language measured it; `undefined` where it could not. */
  timing?: CellTiming;
}

/** Content of `complete_reply`. */
export interface Completions {
  matches: string[];
  cursor_start: number;
  cursor_end: number;
  metadata: JsonObject;
}

/** Content of `inspect_reply`. */
export interface Inspection {
  found: boolean;
  data: MimeBundle;
  metadata: JsonObject;
}

/** Content of `is_complete_reply`. */
export interface Completeness {
  status: 'complete' | 'incomplete' | 'invalid' | 'unknown';
  indent?: string;
}

/** Whether a language can run cells. A `stopped` one starts with its next cell. */
export type LanguageState =
  | { readonly name: Exclude<LanguageStateName, 'unavailable'> }
  /** `problem` says why, and what to do. */
  | { readonly name: 'unavailable'; readonly problem: string };

/** A state in one line. */
export function stateText(state: LanguageState): string {
  return state.name === 'unavailable' ? state.problem : state.name;
}

/** What a language is made of at this moment, for `%ferrobook status`. */
export interface LanguageStatus {
  /** {@link stateText}. */
  state: string;
  processes: { name: string; pid: number; residentMb: number | undefined }[];
  /** Versions, paths, policies: a line each. */
  details: string[];
}

/** What `kernel_info_reply` tells of a language. */
export interface LanguageInfo {
  /** `language_info` of a kernel whose default language it is; file formats, exporters and editors go by it. */
  readonly languageInfo: JsonObject;
  /** A line for the banner: its versions, or why it cannot run. */
  readonly banner: string;
  readonly helpLinks: readonly { readonly text: string; readonly url: string }[];
  /** Whether `debug_request`s can be relayed to it. */
  readonly debugger: boolean;
}

/** A language back end. It knows nothing of sockets and sessions. */
export interface Language extends Capabilities {
  readonly name: LanguageName;
  readonly state: LanguageState;
  /** Begins to start up, in the background; harmless when it has begun. */
  start(): void;
  /** Runs one cell. The session never has two in flight. Does not reject. */
  execute(cell: Cell, emit: (event: CellEvent) => void): Promise<CellOutcome>;
  /** Stops what runs; nothing happens when nothing runs. */
  interrupt(): Promise<void>;
  /** Answers the input request of the running cell. `undefined`: no answer will come. */
  input(value: string | undefined): void;
  complete(origin: Origin, code: string, cursor: number): Promise<Completions>;
  inspect(origin: Origin, code: string, cursor: number, detail: 0 | 1): Promise<Inspection>;
  isComplete(origin: Origin, code: string): Promise<Completeness>;
  /**
   * Ends every process of this language and starts it again, its state gone. A cell that is running fails, unless it
   * asked for this itself (`byCell`).
   */
  restart(byCell: boolean): Promise<void>;
  status(): Promise<LanguageStatus>;
  /** What is known of it at this moment; does not wait until it is up. */
  info(): Promise<LanguageInfo>;
  /** The user's variables, by name; `undefined` when it cannot tell now. A language that is not up has none. */
  variables(): Promise<Variable[] | undefined>;
  /** Looks at one of them. The session asks for it only while no cell runs. */
  value(name: string): Promise<VariableValue>;
  /** Ends every process of this language. */
  shutdown(): Promise<void>;
}

/** What only some languages can do. */
export interface Capabilities {
  readonly check?: Checker;
  readonly cache?: CompileCache;
  readonly relay?: Relay;
  readonly history?: History;
  /** Is told the cells, as it will be given them, that wait for their turn. `idle`: no cell of any language runs or waits. */
  expect?(codes: readonly string[], idle: boolean): void;
}

/** Looks at cells that are being typed. */
export interface Checker {
  /** What the compiler says about the cell with this id, if it is known; `null` when it did not get to look at all of it. */
  check(code: string, cell: string | undefined): Promise<readonly Diagnostic[] | null>;
  /** Ends the checks that have no answer yet. */
  cancel(): void;
}

/** Keeps what it has compiled. */
export interface CompileCache {
  /** What is kept; with `clear`, what was kept until now. `undefined` when nobody can tell. */
  usage(clear: boolean): Promise<CacheUsage | undefined>;
}

/** How much is kept of what was compiled. */
export interface CacheUsage {
  /** Where; `null` when nothing is kept. */
  readonly directory: string | null;
  /** Why it cannot be used. */
  readonly problem: string | null;
  readonly entries: number;
  readonly bytes: number;
  /** How many bytes there may be. */
  readonly limit: number;
  readonly hits: number;
  readonly misses: number;
}

/** Its own process speaks Jupyter, and answers what the session has no answer to: comms, the debugger, magics of its own. */
export interface Relay {
  /** Forwards a request and resolves with the process' reply; `undefined` for messages that have none. */
  forward(channel: 'shell' | 'control', request: Envelope): Promise<Envelope | undefined>;
  /** Whether the process knows a `%%name` magic. */
  hasCellMagic(name: string): Promise<boolean>;
}

/** Keeps the history of the notebook, over all languages. */
export interface History {
  /** Notes a counted cell that another language runs. */
  remember(count: number, source: string): void;
  /** Answers a `history_request`. `nextCount` is the number of the next prompt. */
  answer(request: Envelope, nextCount: number): Promise<Envelope | undefined>;
}
