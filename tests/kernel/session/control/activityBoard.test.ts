import type { Activity } from '@ferrobook/notebook';
import type { LanguageState } from '../../../../kernel/src/languages/language';
import { ActivityBoard } from '../../../../kernel/src/session/control/activityBoard';

/** Time enough for what has happened to be told, in milliseconds. */
const A_MOMENT = 100;

let told: Activity[];
let rust: { state: LanguageState };
let board: ActivityBoard;

beforeEach(() => {
  jest.useFakeTimers();
  told = [];
  rust = { state: { name: 'stopped' } };
  const python = { state: { name: 'ready' } as const };
  board = new ActivityBoard({ python, rust }, (activity) => told.push(activity));
});

afterEach(() => {
  jest.useRealTimers();
});

function rustIs(name: 'stopped' | 'starting' | 'ready'): void {
  rust.state = { name };
  board.languageChanged('rust');
}

test('a cell, from its start to its end', () => {
  rustIs('ready');
  board.cellBegan('cell-1', 'rust');
  jest.advanceTimersByTime(A_MOMENT);
  board.phase('compile', { done: 3, total: 12 });
  jest.advanceTimersByTime(A_MOMENT);
  board.phase('run', undefined);
  jest.advanceTimersByTime(A_MOMENT);
  board.cellEnded();
  jest.advanceTimersByTime(A_MOMENT);
  const cell = { cellId: 'cell-1', language: 'rust', cellMs: expect.any(Number) as number };
  expect(told.map((activity) => activity.cell)).toEqual([
    { ...cell, phase: 'start', crates: null, phaseMs: expect.any(Number) as number },
    { ...cell, phase: 'compile', crates: { done: 3, total: 12 }, phaseMs: 50 },
    { ...cell, phase: 'run', crates: null, phaseMs: 50 },
    null,
  ]);
});

test('a phase that gets further has begun when it began', () => {
  board.cellBegan('cell-1', 'rust');
  board.phase('compile', { done: 3, total: 12 });
  jest.advanceTimersByTime(1000);
  board.phase('compile', { done: 4, total: 12 });
  expect(board.current().cell).toMatchObject({ phaseMs: 1000, crates: { done: 4, total: 12 } });
});

test('quick changes are told as one', () => {
  board.cellBegan('cell-1', 'python');
  board.phase('run', undefined);
  board.cellEnded();
  jest.advanceTimersByTime(A_MOMENT);
  expect(told.map((activity) => activity.cell)).toEqual([null]);
});

test('a language that is up for the second time was restarted, until a cell runs', () => {
  rustIs('starting');
  rustIs('ready');
  rustIs('ready');
  expect(board.current().languages.rust).toEqual({
    state: 'ready',
    problem: null,
    restarted: false,
  });
  rustIs('stopped');
  rustIs('starting');
  rustIs('ready');
  expect(board.current().languages).toMatchObject({
    rust: { state: 'ready', restarted: true },
    python: { restarted: false },
  });
  board.cellBegan(null, 'python');
  board.phase('run', undefined);
  expect(board.current().languages.rust.restarted).toBe(true);
  board.cellBegan(null, 'rust');
  board.phase('compile', undefined);
  expect(board.current().languages.rust.restarted).toBe(false);
});

test('why a language cannot run is told', () => {
  rust.state = { name: 'unavailable', problem: 'cargo was not found' };
  board.languageChanged('rust');
  jest.advanceTimersByTime(A_MOMENT);
  expect(told[0]?.languages.rust).toEqual({
    state: 'unavailable',
    problem: 'cargo was not found',
    restarted: false,
  });
});
