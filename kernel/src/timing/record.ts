import {
  type CellOptions,
  type LanguageName,
  remarkable,
  TIMING_VERSION,
  type TimingRecord,
} from '@ferrobook/notebook';
import type { CellTiming } from '../languages/language';

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
  options?: Partial<CellOptions>;
}

/** Makes the record of a cell; `arrived`, `started` and `ended` are readings of `performance.now()`. */
export function timingRecord(measured: Measured): TimingRecord {
  const totalMs = measured.ended - measured.started;
  const phases = measured.timing?.phases ?? [];
  const options = remarkable(measured.options ?? {});
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
    ...(Object.keys(options).length > 0 ? { options } : {}),
  };
}

/** Microseconds are as fine as any of the clocks. */
function round(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
