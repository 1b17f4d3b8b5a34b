import { type Activity, parseActivity } from '@ferrobook/notebook';

test('what the kernel is at is understood, and nothing else', () => {
  const activity: Activity = {
    languages: {
      python: { state: 'ready', problem: null, restarted: true },
      rust: { state: 'unavailable', problem: 'cargo was not found', restarted: false },
    },
    cell: {
      cellId: 'cell',
      language: 'rust',
      phase: 'compile',
      crates: { done: 3, total: 12 },
      cellMs: 20.5,
      phaseMs: 10,
    },
  };
  expect(parseActivity(activity)).toEqual(activity);
  expect(parseActivity({ ...activity, cell: null })).toEqual({ ...activity, cell: null });
  expect(parseActivity({ ...activity, cell: { phase: 'run' } })).toEqual({
    ...activity,
    cell: null,
  });
  expect(parseActivity({ ...activity, languages: { rust: { state: 'odd' } } })).toBeUndefined();
  expect(parseActivity('busy')).toBeUndefined();
});
