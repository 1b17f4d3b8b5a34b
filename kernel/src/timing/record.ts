import type { Build, CellTiming, LanguageName, Phase } from '../languages/language';

/** The version of {@link TimingRecord}; it grows when a field changes its meaning. */
export const TIMING_VERSION = 1;

/** The MIME type of a {@link TimingTable}. */
export const TIMING_MIME = 'application/vnd.ferrobook.timing+json';

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
   * In order, without overlap; their sum is `totalMs`. `start` is the wait for a language that was still
   * coming up; `compile`, `snapshot` (the copy of the cell process) and `run` are measured where they happen; `relay` is what passed between the processes.
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
}

/** A finished cell's times. */
export interface Measured {
  language: LanguageName;
  cellId: string | null;
  executionCount: number | null;
  status: 'ok' | 'error';
  arrived: number;
  started: number;
  ended: number;
  startedAt: Date;
  timing: CellTiming | undefined;
}

/** Makes the record of a cell; `arrived`, `started` and `ended` are readings of `performance.now()`. */
export function timingRecord(measured: Measured): TimingRecord {
  const totalMs = measured.ended - measured.started;
  const phases = measured.timing?.phases ?? [];
  const known = phases.reduce((sum, phase) => sum + phase.ms, 0);
  return {
    version: TIMING_VERSION,
    language: measured.language,
    cellId: measured.cellId,
    executionCount: measured.executionCount,
    status: measured.status,
    startedAt: measured.startedAt.toISOString(),
    queuedMs: round(measured.started - measured.arrived),
    phases: [...phases, { name: 'relay', ms: Math.max(0, totalMs - known) }].map((phase) => ({
      name: phase.name,
      ms: round(phase.ms),
    })),
    totalMs: round(totalMs),
    cpuMs: round(measured.timing?.cpuMs ?? 0),
    cached: measured.timing?.cached ?? false,
    build: measured.timing?.build ?? null,
  };
}

/** Microseconds are as fine as any of the clocks. */
function round(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
