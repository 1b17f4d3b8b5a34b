import { findMarker as findKernelMarker, markerOptions } from '../../kernel/src/session/marker';
import type { Activity as KernelActivity } from '../../kernel/src/session/activity';
import { duration as kernelDuration } from '../../kernel/src/timing/render';
import type { TimingRecord as KernelRecord } from '../../kernel/src/timing/record';
import { parseActivity } from '../src/kernel/activity';
import { chipWords } from '../src/language/chipWords';
import { findMarker, languageEdit } from '../src/language/marker';
import { duration, parseTimingRecord } from '../src/timing/timingRecord';
import { onlyRust } from '../src/language/rustGrammar';
import { RECORD } from './timedCell';

/** The extension and the kernel read the same cells and the same records, each with its own code. */

describe('a marker is what the kernel takes for one', () => {
  test.each([
    '%%rust',
    '%%rust\nlet a = 1;',
    '%%rust --time\nlet a = 1;',
    '  %%rust  \nlet a = 1;',
    '\n\n%%python\na = 1',
    '# why\n// and why not\n%%rust\nlet a = 1;',
    '#[derive(Debug)]\n%%rust',
    '#![allow(unused)]\n%%rust',
    'x = 1\n%%rust',
    '%%rusty\nlet a = 1;',
    '%%time\n%%rust',
    '%% rust',
    '%%Rust',
    '%rust',
    '',
  ])('%j', (source) => {
    const kernel = findKernelMarker(source);
    const isLanguage = kernel?.name === 'rust' || kernel?.name === 'python';
    const marker = findMarker(source);
    expect(marker?.language).toBe(isLanguage ? kernel.name : undefined);
    if (marker === undefined) return;
    expect([marker.lineStart, marker.lineEnd]).toEqual([kernel?.start, kernel?.end]);
    expect(source.slice(marker.start, marker.end)).toBe(`%%${marker.language}`);
  });
});

test.each([
  ['a = 1', 'rust', 'python', '%%rust\na = 1'],
  ['', 'rust', 'python', '%%rust\n'],
  ['%%rust\na', 'python', 'python', 'a'],
  ['%%rust --time', 'python', 'python', ''],
  ['# why\n%%rust\na', 'python', 'python', '# why\na'],
  ['%%python\na', 'rust', 'python', '%%rust\na'],
  ['%%python\na', 'python', 'python', '%%python\na'],
  ['a', 'python', 'rust', '%%python\na'],
  ['%%python\na', 'rust', 'rust', 'a'],
] as const)('%j becomes %s where the default is %s', (source, wanted, fallback, changed) => {
  const edit = languageEdit(source, wanted, fallback);
  const { start, end, text } = edit ?? { start: 0, end: 0, text: '' };
  expect(source.slice(0, start) + text + source.slice(end)).toBe(changed);
});

test("a chip's words know all options of the kernel", () => {
  const written = [...markerOptions('rust'), ...markerOptions('python')];
  const shown = written.filter((option) => option !== '--help').map((it) => chipWords('rust', it));
  expect(shown.filter((words) => words.includes('--'))).toEqual([]);
});

test('the grammar is given the Rust of a cell, in its place', () => {
  expect(onlyRust('# é\n%%rust --time\n:dep rand = "0.9"\nlet a = b::c;')).toBe(
    '   \n             \n                 \nlet a = b::c;',
  );
});

test("the kernel's record is understood, and nothing else", () => {
  const record: KernelRecord = { ...RECORD, build: { debug: true, targetCpu: 'native' } };
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

test('what the kernel is at is understood, and nothing else', () => {
  const activity: KernelActivity = {
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

test.each([0.004, 0.4, 92.31, 153.4, 12_340, 150_000])('%d ms is written as in tables', (ms) => {
  expect(duration(ms)).toBe(kernelDuration(ms));
});
