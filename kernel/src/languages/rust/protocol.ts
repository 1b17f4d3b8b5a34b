// Generated from rust-runtime/protocol/src by `npm run generate`; do not edit.

/**
 * What the kernel asks of the host. Every request with an `id` gets exactly one closing event with that `id`.
 */
export type Request =
  | {
      type: 'execute';
      id: number;
      code: string;
      allowStdin: boolean;
      options: Partial<CellOptions>;
      cell: NotebookCell;
    }
  | {
      type: 'ask';
      id: number;
      question: Question;
    }
  | { type: 'cancelChecks' }
  | {
      type: 'expect';
      codes: Array<string>;
      idle: boolean;
    }
  | {
      type: 'input';
      id: number;
      value: string | null;
    }
  | { type: 'interrupt' }
  | { type: 'shutdown' };

/**
 * Which cell of the notebook it is, in the words of the frontend.
 */
export type NotebookCell = {
  id: string | null;
  executionCount: number | null;
};

/**
 * What a cell's marker line asks of the host. The kernel passes on all that the line says: what is not named here is none of
 * the host's business, and what the line does not say is as usual.
 */
export type CellOptions = {
  snapshot: boolean;
  cache: boolean;
  debug: boolean;
};

/**
 * Each has an [`Answer`] of the same name.
 */
export type Question =
  | {
      type: 'complete';
      code: string;
      cursor: number;
    }
  | {
      type: 'inspect';
      code: string;
      cursor: number;
    }
  | {
      type: 'isComplete';
      code: string;
    }
  | {
      type: 'check';
      code: string;
      cell: string | null;
    }
  | { type: 'variables' }
  | {
      type: 'value';
      name: string;
    }
  | {
      type: 'cache';
      clear: boolean;
    };

/**
 * What the host tells the kernel.
 */
export type Event =
  | {
      type: 'ready';
      versions: Versions;
      snapshots: SnapshotPolicy;
    }
  | {
      type: 'holder';
      pid: number;
    }
  | {
      type: 'unavailable';
      message: string;
      help: string;
    }
  | {
      type: 'stream';
      id: number;
      name: StreamName;
      text: string;
    }
  | {
      type: 'display';
      id: number;
      data: { [key in string]: string };
      result: boolean;
    }
  | {
      type: 'inputRequest';
      id: number;
      prompt: string;
      password: boolean;
    }
  | {
      type: 'phase';
      id: number;
      phase: LivePhase;
      crates: BuildProgress | null;
    }
  | {
      type: 'error';
      id: number;
      error: CellError;
      diagnostics: Array<Diagnostic>;
    }
  | {
      type: 'done';
      id: number;
      status: Status;
      timing: CellTiming;
    }
  | {
      type: 'answer';
      id: number;
      answer: Answer;
    };

export type Answer =
  | {
      type: 'complete';
      matches: Array<Completion>;
      start: number;
      end: number;
    }
  | {
      type: 'inspect';
      data: { [key in string]: string };
    }
  | {
      type: 'isComplete';
      status: CompletenessStatus;
      indent: string;
    }
  | {
      type: 'check';
      diagnostics: Array<Diagnostic> | null;
    }
  | {
      type: 'variables';
      variables: Array<Variable> | null;
    }
  | {
      type: 'value';
      value: VariableValue;
    }
  | {
      type: 'cache';
      usage: CacheUsage;
    };

/**
 * A variable that a cell has left for later ones.
 */
export type Variable = {
  name: string;
  typeName: string;
  size: number | null;
};

/**
 * What there is to show of a variable, or a sentence that says why there is nothing.
 */
export type VariableValue =
  | {
      type: 'shown';
      data: { [key in string]: string };
      size: number | null;
    }
  | {
      type: 'problem';
      problem: string;
    };

/**
 * What is kept of compiled cells and crates.
 */
export type CacheUsage = {
  directory: string | null;
  problem: string | null;
  entries: number;
  bytes: number;
  limit: number;
  hits: number;
  misses: number;
};

/**
 * Versions of the tools that Rust cells are built with, for the banner.
 */
export type Versions = {
  evcxr: string;
  rustc: string;
  cargo: string;
};

/**
 * When the process that runs a cell is copied before it, so that a crash or an interrupt loses nothing.
 */
export type SnapshotPolicy = {
  limitMb: number;
};

export type StreamName = 'stdout' | 'stderr';

export type Status = 'ok' | 'error';

/**
 * `is_complete_reply.status` of the Jupyter messaging protocol, without `unknown`.
 */
export type CompletenessStatus = 'complete' | 'incomplete' | 'invalid';

/**
 * The fields of Jupyter's `error` message. `ename` is rustc's code (`E0308`), a lint's name, `panic`, `Interrupted`,
 * a signal's name, `CargoError`, …; `traceback` is coloured with ANSI and speaks of the cell's own lines.
 */
export type CellError = {
  ename: string;
  evalue: string;
  traceback: Array<string>;
};

/**
 * One thing that is wrong with a cell, or doubtful.
 */
export type Diagnostic = {
  severity: Severity;
  code: string | null;
  message: string;
  rendered: string;
  spans: Array<Span>;
  fixes: Array<Fix>;
};

export type Severity = 'error' | 'warning';

/**
 * A piece of a cell; empty when `start` and `end` are the same.
 */
export type Span = {
  start: Position;
  end: Position;
  label: string | null;
  primary: boolean;
};

/**
 * A place in a cell: the line, and the column in Unicode code points, both from 1.
 */
export type Position = {
  line: number;
  column: number;
};

/**
 * Edits that belong together.
 */
export type Fix = {
  message: string;
  sure: boolean;
  edits: Array<Edit>;
};

/**
 * Replaces a piece of the cell. The edits of a fix do not overlap; all positions are those before the fix.
 */
export type Edit = {
  start: Position;
  end: Position;
  text: string;
};

/**
 * Where the cell's time went. The phases do not overlap and are in order.
 */
export type CellTiming = {
  phases: Array<Phase>;
  cpuMs: number;
  cached: boolean;
  build: Build;
};

/**
 * What a cell is at. The end tells more finely where the time went ([`Phase`]).
 */
export type LivePhase = 'compile' | 'run';

/**
 * How many crates cargo is done with, of all that it builds for the cell.
 */
export type BuildProgress = {
  done: number;
  total: number;
};

/**
 * How a cell's code was compiled, where the machine and the user have a choice.
 */
export type Build = {
  debug: boolean;
  targetCpu: string | null;
};

/**
 * `start` (from the request's arrival, or the end of the cell before it, until the host took it up because it was
 * still starting or warming up; only from 1 ms on), `compile`, `snapshot` (copying the process) or `run`.
 */
export type Phase = {
  name: string;
  ms: number;
};

/**
 * One completion: the text to insert and what it is (`function`, `method`, `struct`, `magic`, …).
 */
export type Completion = {
  text: string;
  kind: string;
};
