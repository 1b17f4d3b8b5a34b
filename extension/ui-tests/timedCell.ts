import type { TimingRecord } from '@ferrobook/notebook';
import { timing } from '../../tests/support/timing';
import type { SavedCell } from './jupyterLab';

/** A record as kernels write it, of a cell that ran first. */
export const RECORD: TimingRecord = timing({
  language: 'rust',
  cellId: 'cell-0',
  phases: [
    { name: 'compile', ms: 112.7 },
    { name: 'snapshot', ms: 0.2 },
    { name: 'run', ms: 0.31 },
    { name: 'relay', ms: 0.5 },
  ],
  totalMs: 113.7,
  cpuMs: 95.2,
});

/** A cell that has run as the `count`th, in a notebook that was saved. */
export function timedCell(
  count: number,
  source: string,
  phases: Record<string, number>,
  extra: Partial<TimingRecord> = {},
): Partial<SavedCell> {
  const totalMs = Object.values(phases).reduce((sum, ms) => sum + ms, 0);
  const record = timing({
    language: source.startsWith('%%rust') ? 'rust' : 'python',
    cellId: `cell-${count - 1}`,
    executionCount: count,
    phases: Object.entries(phases).map(([name, ms]) => ({ name, ms })),
    totalMs,
    cpuMs: totalMs,
    ...extra,
  });
  return { source, execution_count: count, metadata: { ferrobook: { timing: record } } };
}
