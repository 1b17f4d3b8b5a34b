import type { TimingRecord } from '@ferrobook/notebook';

/** A record of a Python cell that ran for 3 ms, with other fields where they matter. */
export function timing(fields: Partial<TimingRecord> = {}): TimingRecord {
  return {
    version: 1,
    language: 'python',
    cellId: null,
    executionCount: 1,
    status: 'ok',
    startedAt: '2026-01-01T00:00:00.000Z',
    queuedMs: 0,
    phases: [
      { name: 'run', ms: 2.5 },
      { name: 'relay', ms: 0.5 },
    ],
    totalMs: 3,
    cpuMs: 2,
    cached: false,
    build: null,
    ...fields,
  };
}
