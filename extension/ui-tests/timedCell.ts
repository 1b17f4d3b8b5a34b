import type { TimingRecord } from '../../kernel/src/timing/record';
import type { SavedCell } from './jupyterLab';

/** A record as kernels write it, of a cell that ran first. */
export const RECORD: TimingRecord = {
  version: 1,
  language: 'rust',
  cellId: 'cell-0',
  executionCount: 1,
  status: 'ok',
  startedAt: '2026-01-01T00:00:00.000Z',
  queuedMs: 0,
  phases: [
    { name: 'compile', ms: 112.7 },
    { name: 'snapshot', ms: 0.2 },
    { name: 'run', ms: 0.31 },
    { name: 'relay', ms: 0.5 },
  ],
  totalMs: 113.7,
  cpuMs: 95.2,
  cached: false,
  build: null,
};

/** A cell that has run as the `count`th, in a notebook that was saved. */
export function timedCell(
  count: number,
  source: string,
  phases: Record<string, number>,
  extra: Partial<TimingRecord> = {},
): Partial<SavedCell> {
  const totalMs = Object.values(phases).reduce((sum, ms) => sum + ms, 0);
  const timing: TimingRecord = {
    ...RECORD,
    language: source.startsWith('%%rust') ? 'rust' : 'python',
    cellId: `cell-${count - 1}`,
    executionCount: count,
    phases: Object.entries(phases).map(([name, ms]) => ({ name, ms })),
    totalMs,
    cpuMs: totalMs,
    ...extra,
  };
  return { source, execution_count: count, metadata: { ferrobook: { timing } } };
}
