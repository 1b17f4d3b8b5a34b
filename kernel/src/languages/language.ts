import type { Envelope, JsonObject } from '../wire/message';
import type { Diagnostic } from './rust/protocol';

/** The languages of a notebook's cells. */
export const LANGUAGES = ['python', 'rust'] as const;
export type LanguageName = (typeof LANGUAGES)[number];

/** Representations of one value, keyed by MIME type. */
export type MimeBundle = Record<string, unknown>;

/** The fields that `error` messages and failed `execute_reply`s share. */
export interface CellError {
  ename: string;
  evalue: string;
  traceback: string[];
}

/** What a user has to know when the process of a language is gone: one sentence. */
export const LOSSES: Record<LanguageName, string> = {
  python:
    'Python starts again with the next cell; its variables and imports are lost, Rust keeps everything.',
  rust: 'The Rust side starts again with the next cell; its variables and items are lost, Python keeps everything.',
};

/** Part of a cell's time; phases do not overlap. */
export interface Phase {
  /** `start` (the language was still coming up), `compile` and `snapshot` (Rust only), `run`, `relay` (between the processes). */
  name: string;
  /** Wall-clock milliseconds. */
  ms: number;
}

/** The `start` phase of a cell that waited `ms` for its language to come up; nothing when it was up. */
export function startPhase(ms: number): Phase[] {
  return ms < 1 ? [] : [{ name: 'start', ms }];
}

/** What a cell's marker line asks of its language. */
export interface CellOptions {
  /** Rust: keep a copy of the variables from before the cell (the default). */
  readonly snapshot: boolean;
  /** Rust: use, and keep, the compiled cell (the default). */
  readonly cache: boolean;
}

/** One cell on its way to a language. */
export interface Cell {
  /** What the language is given: for Rust the marker line is blank, for Python it is the source itself. */
  readonly code: string;
  /** The client's request; Python's kernel gets its header unchanged, so that its messages name the right parent. */
  readonly request: Envelope;
  /** The count that the cell's prompt shows. */
  readonly executionCount: number;
  readonly silent: boolean;
  readonly storeHistory: boolean;
  readonly allowStdin: boolean;
  /** Name → expression, to be evaluated after the cell. */
  readonly userExpressions: Readonly<Record<string, string>>;
  readonly options: CellOptions;
}

/** How far a build is: crates that are done, of all that it needs. */
export interface BuildProgress {
  readonly done: number;
  readonly total: number;
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
  timing?: { phases: Phase[]; cpuMs: number; cached: boolean };
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

/** A variable of the user's. */
export interface Variable {
  readonly name: string;
  readonly type: string;
  /** The bytes that it takes, where they are known without looking at it. */
  readonly size?: number | null;
}

/** What there is to show of a variable, shortened where it is large, or why there is nothing. */
export interface VariableValue {
  readonly data?: MimeBundle;
  readonly problem?: string;
  readonly size?: number;
}

/** Whether a language can run cells. A `stopped` one starts with its next cell. */
export type LanguageState =
  | { readonly name: 'stopped' | 'starting' | 'ready' }
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

/** A language back end. It knows nothing of sockets and sessions. */
export interface Language {
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
  complete(request: Envelope, code: string, cursor: number): Promise<Completions>;
  inspect(request: Envelope, code: string, cursor: number, detail: 0 | 1): Promise<Inspection>;
  isComplete(request: Envelope, code: string): Promise<Completeness>;
  /**
   * Ends every process of this language and starts it again, its state gone. A cell that is running fails, unless it
   * asked for this itself (`byCell`).
   */
  restart(byCell: boolean): Promise<void>;
  status(): Promise<LanguageStatus>;
  /** The user's variables, by name; `undefined` when it cannot tell now. A language that is not up has none. */
  variables(): Promise<Variable[] | undefined>;
  /** Looks at one of them. The session asks for it only while no cell runs. */
  value(name: string): Promise<VariableValue>;
  /** Ends every process of this language. */
  shutdown(): Promise<void>;
}
