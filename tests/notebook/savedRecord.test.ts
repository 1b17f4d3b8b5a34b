import { parseTimingRecord, type TimingRecord } from '@ferrobook/notebook';
import { timing } from '../support/timing';

test("the kernel's record is understood, and nothing else", () => {
  const record: TimingRecord = timing({
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
    build: { debug: true, targetCpu: 'native' },
  });
  expect(parseTimingRecord(record)).toEqual({
    language: 'rust',
    executionCount: 1,
    failed: false,
    startedAt: record.startedAt,
    queuedMs: 0,
    phases: record.phases,
    totalMs: 113.7,
    cpuMs: 95.2,
    cached: false,
    build: { debug: true, targetCpu: 'native' },
  });
  expect(parseTimingRecord({ ...record, build: undefined })).toMatchObject({ build: null });
  expect(parseTimingRecord({ ...record, version: 2 })).toBeUndefined();
  expect(parseTimingRecord({ ...record, phases: [{ name: 'run', ms: '1' }] })).toBeUndefined();
  expect(parseTimingRecord('rust')).toBeUndefined();
});
