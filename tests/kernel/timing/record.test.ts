import { type Measured, timingRecord } from '../../../kernel/src/timing/record';

const measured: Measured = {
  language: 'rust',
  cellId: 'cell',
  executionCount: 3,
  status: 'ok',
  arrived: 100,
  started: 112.5,
  ended: 312.5,
  startedAt: new Date('2026-01-01T00:00:00Z'),
  timing: {
    phases: [
      { name: 'compile', ms: 150.25 },
      { name: 'run', ms: 40.123456 },
    ],
    cpuMs: 99.9999,
    cached: true,
    build: { debug: true, targetCpu: 'native' },
  },
};

test('a record, in microseconds', () => {
  expect(timingRecord(measured)).toEqual({
    version: 1,
    language: 'rust',
    cellId: 'cell',
    executionCount: 3,
    status: 'ok',
    startedAt: '2026-01-01T00:00:00.000Z',
    queuedMs: 12.5,
    phases: [
      { name: 'compile', ms: 150.25 },
      { name: 'run', ms: 40.123 },
      { name: 'relay', ms: 9.627 },
    ],
    totalMs: 200,
    cpuMs: 100,
    cached: true,
    build: { debug: true, targetCpu: 'native' },
  });
});

test.each([[0.1, 0.2, 1 / 3], [150, 49.999], [], [200]])(
  'the phases add up to the total: %d %d %d',
  (...phases) => {
    const record = timingRecord({
      ...measured,
      timing: { phases: phases.map((ms) => ({ name: 'run', ms })), cpuMs: 0, cached: false },
    });
    const sum = record.phases.reduce((total, { ms }) => total + ms, 0);
    expect(sum).toBeCloseTo(record.totalMs, 2);
  },
);

test('a cell whose language measured nothing is all relay', () => {
  expect(timingRecord({ ...measured, timing: undefined })).toMatchObject({
    phases: [{ name: 'relay', ms: 200 }],
    cpuMs: 0,
    cached: false,
    build: null,
  });
});

test('clocks that disagree never make a phase negative', () => {
  const phases = [{ name: 'run', ms: 200.4 }];
  const record = timingRecord({ ...measured, timing: { phases, cpuMs: 0, cached: false } });
  expect(record.phases.at(-1)).toEqual({ name: 'relay', ms: 0 });
});
