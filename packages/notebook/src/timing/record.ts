import type { LanguageName } from '../language.js';
import type { Phase } from './phase.js';

/** The version of {@link TimingRecord}; it grows when a field changes its meaning. */
export const TIMING_VERSION = 1;

/** The MIME type of a {@link TimingTable}. */
export const TIMING_MIME = 'application/vnd.ferrobook.timing+json';

/** How a cell's code was compiled, where the machine and the user have a choice. */
export interface Build {
  /** With overflow checks and debug assertions. */
  readonly debug: boolean;
  /** The processor, in rustc's words, that the code is made for; `null` for what rustc takes by itself. */
  readonly targetCpu: string | null;
}

/**
 * How long one cell took; the same for every language. It travels as `execute_reply.metadata.ferrobook.timing` and is
 * kept in the cell's `metadata.ferrobook.timing`. Milliseconds of wall clock unless named cpu.
 */
export interface TimingRecord {
  version: typeof TIMING_VERSION;
  language: LanguageName;
  /** The frontend's id of the cell, where it sends one (`metadata.cellId`). */
  cellId: string | null;
  executionCount: number | null;
  status: 'ok' | 'error';
  /** When the cell left the queue (ISO 8601). */
  startedAt: string;
  /** From the request's arrival until the cell left the queue. */
  queuedMs: number;
  /**
   * In order, without overlap; their sum is `totalMs`. `start` is the wait for a language that was still coming up;
   * `compile`, `snapshot` (the copy of the cell process) and `run` are measured where they happen; `relay` is what passed
   * between the processes.
   */
  phases: Phase[];
  /** From leaving the queue until the last output was there. */
  totalMs: number;
  /** CPU time of the process that ran the cell, and of the compilers that it needed. */
  cpuMs: number;
  /** Whether the compiled cell came from a cache. */
  cached: boolean;
  /** How the cell was compiled; `null` where nothing is. */
  build: Build | null;
  /** The options of the cell that have a remark; left out where there is none. */
  options?: Readonly<Record<string, boolean>>;
}

/** A cell of a table: its record and the line it is known by. */
export interface TimedCell {
  record: TimingRecord;
  /** The first line of the cell's source that says something. */
  title: string;
}

/** Sums over the cells of one language, in milliseconds. */
export interface LanguageTotal {
  language: LanguageName;
  cells: number;
  /** By phase name. */
  phases: Record<string, number>;
  totalMs: number;
  cpuMs: number;
}

/** What {@link TIMING_MIME} carries. */
export interface TimingTable {
  version: 1;
  cells: TimedCell[];
  totals: LanguageTotal[];
}
