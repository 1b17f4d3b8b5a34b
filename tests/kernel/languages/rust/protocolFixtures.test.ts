import { readFileSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import pino from 'pino';
import type { Cell, CellEvent } from '../../../../kernel/src/languages/language';
import { Origin } from '../../../../kernel/src/languages/origin';
import type {
  Answer,
  Event,
  Question,
  Request,
} from '../../../../kernel/src/languages/rust/protocol';
import { RustLanguage } from '../../../../kernel/src/languages/rust/rustLanguage';
import { envelope } from '../../../support/envelope';

/** One line for each variant of the protocol; the Rust host's tests read the same files. */
const FIXTURES = path.join(__dirname, '../../../fixtures/protocol');

function fixture<T>(file: string): T[] {
  return readFileSync(path.join(FIXTURES, file), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as T);
}

const events = fixture<Event>('events.jsonl');
const requests = fixture<Request>('requests.jsonl');
const used = new Set<Event>();

/** The fixture's events of these types, in order. */
function take(...types: Event['type'][]): Event[] {
  const taken = events.filter(({ type }) => types.includes(type));
  for (const event of taken) used.add(event);
  return taken;
}

/** The answers to questions of a type, in order. */
function answers(type: Answer['type']): Event[] {
  const given = events.filter((event) => event.type === 'answer' && event.answer.type === type);
  for (const event of given) used.add(event);
  return given;
}

/** Stands at the far side of our border: says what it is told and writes down what it hears. */
const HOST = `#!/usr/bin/env node
const { appendFileSync, readFileSync } = require('node:fs');
const script = JSON.parse(readFileSync(__dirname + '/script.json', 'utf8'));
const say = (event) => process.stdout.write(JSON.stringify(event) + '\\n');
for (const event of script.start) say(event);
require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  appendFileSync(__dirname + '/heard.jsonl', line + '\\n');
  const request = JSON.parse(line);
  const { type } = request.question ?? request;
  for (const event of script[type]?.shift() ?? []) say({ ...event, id: request.id });
});
`;

let directory: string;
let language: RustLanguage;
let deaths: string[];
let states: string[];

beforeEach(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'fb-'));
  await writeFile(path.join(directory, 'ferrobook-runtime'), HOST);
  await writeFile(path.join(directory, 'heard.jsonl'), '');
  await chmod(path.join(directory, 'ferrobook-runtime'), 0o755);
  deaths = [];
  states = [];
  language = new RustLanguage(
    { runtime: directory, directory: path.join(directory, 'private') },
    {
      onDeath: (error) => void deaths.push(error.message),
      onState: () => void states.push(language.state.name),
      room: () => Promise.resolve(),
    },
    pino({ level: 'silent' }),
  );
});

afterEach(async () => {
  await language.shutdown();
  await rm(directory, { recursive: true });
  expect(deaths).toEqual([]);
});

/** What the host will say at its start, and to the requests and questions of each type one after the other. */
async function host(
  script: { start: Event[] } & Partial<Record<Request['type'] | Question['type'], Event[][]>>,
) {
  await writeFile(path.join(directory, 'script.json'), JSON.stringify(script));
}

function heard(): Request[] {
  return readFileSync(path.join(directory, 'heard.jsonl'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Request);
}

function cell(code: string): Cell {
  return {
    code,
    origin: new Origin(envelope('execute_request', { code })),
    cellId: 'a1',
    executionCount: 1,
    silent: false,
    storeHistory: true,
    allowStdin: true,
    userExpressions: {},
    options: { snapshot: false, cache: true, debug: true } as Cell['options'],
  };
}

const anyRequest = new Origin(envelope('complete_request', {}));

test('the events of a cell', async () => {
  const [failed, succeeded] = take('done') as [Event, Event];
  await host({
    start: take('ready'),
    execute: [
      [...take('stream', 'display', 'inputRequest', 'phase', 'error'), failed],
      [succeeded],
    ],
  });
  const emitted: CellEvent[] = [];
  const outcome = await language.execute(cell('1'), (event) => emitted.push(event));
  expect(emitted).toEqual([
    { kind: 'stream', name: 'stdout', text: '50 %\r' },
    { kind: 'stream', name: 'stderr', text: '\x1b[31mred\x1b[0m \ufffd 🦀\n' },
    { kind: 'result', data: { 'text/html': '<b>2</b>', 'text/plain': '2' } },
    { kind: 'inputRequest', prompt: 'Name: ', password: false },
    { kind: 'phase', phase: 'compile', crates: { done: 3, total: 12 } },
    { kind: 'phase', phase: 'run' },
  ]);
  expect(outcome).toEqual({
    status: 'error',
    error: {
      ename: 'E0308',
      evalue: 'mismatched types',
      traceback: ['error[E0308]: mismatched types'],
    },
    diagnostics: [
      expect.objectContaining({
        severity: 'error',
        code: 'E0308',
        fixes: [
          {
            message: 'try using a conversion method',
            sure: false,
            edits: [
              {
                start: { line: 1, column: 19 },
                end: { line: 1, column: 19 },
                text: '.to_string()',
              },
            ],
          },
        ],
      }),
    ],
    timing: {
      phases: expect.arrayContaining([{ name: 'compile', ms: 107.25 }]) as unknown,
      cpuMs: 90.5,
      cached: false,
      build: { debug: false, targetCpu: null },
    },
  });
  expect(await language.execute(cell('2'), () => undefined)).toEqual({
    status: 'ok',
    timing: {
      phases: [
        { name: 'start', ms: 12.5 },
        { name: 'compile', ms: 107.25 },
        { name: 'run', ms: 0.5 },
      ],
      cpuMs: 90.5,
      cached: true,
      build: { debug: true, targetCpu: 'native' },
    },
  });
  expect(language.versions).toEqual({ evcxr: '0.22.0', rustc: '1.95.0', cargo: '1.95.0' });
});

test('what the status shows', async () => {
  await host({ start: take('ready', 'holder'), isComplete: [answers('isComplete').slice(0, 1)] });
  await language.isComplete(anyRequest, '1');
  expect(await language.status()).toEqual({
    state: 'ready',
    processes: [
      { name: 'host', pid: expect.any(Number) as number, residentMb: expect.any(Number) as number },
      // Larger than any that Linux gives.
      { name: 'cells', pid: 4_194_305, residentMb: undefined },
    ],
    details: [
      'rustc 1.95.0, cargo 1.95.0, evcxr 0.22.0',
      'a snapshot before each cell, while the variables take less than 4096 MB',
    ],
  });
});

test('its state, from the start to the end', async () => {
  await host({ start: take('ready'), isComplete: [answers('isComplete').slice(0, 1)] });
  expect(language.state).toEqual({ name: 'stopped' });
  await language.isComplete(anyRequest, '1');
  await language.shutdown();
  expect(states).toEqual(['starting', 'ready', 'stopped']);
});

test('answers about code', async () => {
  await host({
    start: take('ready'),
    complete: [answers('complete')],
    inspect: [answers('inspect')],
    isComplete: answers('isComplete').map((event) => [event]),
  });
  expect(await language.complete(anyRequest, 'let s = "🦀"; s.le', 17)).toEqual({
    matches: ['len()'],
    cursor_start: 15,
    cursor_end: 17,
    metadata: {
      _jupyter_types_experimental: [{ text: 'len()', type: 'method', start: 15, end: 17 }],
    },
  });
  expect(await language.inspect(anyRequest, 'String::new()', 9)).toEqual({
    found: true,
    data: { 'text/plain': 'pub const fn new() -> String' },
    metadata: {},
  });
  const completeness = [];
  for (let count = 0; count < 3; count++) {
    completeness.push(await language.isComplete(anyRequest, 'fn f() {'));
  }
  expect(completeness).toEqual([
    { status: 'incomplete', indent: '    ' },
    { status: 'complete' },
    { status: 'invalid' },
  ]);
});

test('the variables that cells have left', async () => {
  await host({
    start: take('ready'),
    isComplete: [answers('isComplete').slice(0, 1)],
    variables: answers('variables').map((event) => [event]),
  });
  await language.isComplete(anyRequest, '1');
  expect(await language.variables()).toEqual([{ name: 'a', type: 'i32', size: 4 }]);
  expect(await language.variables()).toBeUndefined();
  await language.shutdown();
  expect(await language.variables()).toEqual([]);
});

test('what there is to show of a variable', async () => {
  await host({
    start: take('ready'),
    isComplete: [answers('isComplete').slice(0, 1)],
    value: answers('value').map((event) => [event]),
  });
  await language.isComplete(anyRequest, '1');
  expect(await language.value('a')).toEqual({ data: { 'text/plain': '[\n    1,\n]' }, size: 28 });
  expect(await language.value('a')).toEqual({ problem: 'There is no variable a any more.' });
  await language.shutdown();
  expect(await language.value('a')).toEqual({ problem: 'There is no variable a any more.' });
});

test('what the compiler says about a cell that is being typed', async () => {
  await host({ start: take('ready'), check: answers('check').map((event) => [event]) });
  expect(await language.check.check('1', undefined)).toMatchObject([
    { severity: 'warning', message: 'm' },
  ]);
  expect(await language.check.check('1', undefined)).toBeNull();
});

test('why Rust cells cannot run', async () => {
  const completeness = answers('isComplete').slice(0, 1);
  await host({ start: take('unavailable'), isComplete: [completeness] });
  // By the time of an answer the announcement before it was read.
  await language.isComplete(anyRequest, '1');
  const problem = 'cargo was not found. Install Rust with rustup: https://rustup.rs';
  expect(language.problem).toBe(problem);
  expect(language.state).toEqual({ name: 'unavailable', problem });
});

test('what the kernel asks has the form of the fixtures', async () => {
  await host({
    start: take('ready'),
    execute: [take('inputRequest', 'done').slice(0, 2)],
    complete: [answers('complete')],
    inspect: [answers('inspect')],
    isComplete: [answers('isComplete').slice(0, 1)],
    variables: [answers('variables').slice(0, 1)],
    value: [answers('value').slice(0, 1)],
    cache: [answers('cache')],
    check: [answers('check').slice(0, 1)],
  });
  await language.execute(cell('let größe = 1;\ngröße + 1'), (event) => {
    if (event.kind !== 'inputRequest') return;
    language.input('typed by the user');
    language.input(undefined);
    void language.interrupt();
  });
  await language.complete(anyRequest, 'let s = "🦀"; s.le', 17);
  await language.inspect(anyRequest, 'String::new()', 9);
  await language.isComplete(anyRequest, 'fn f() {');
  await language.variables();
  await language.value('größe');
  const checked = language.check.check('let é: String = "🦀";', 'a1');
  language.check.cancel();
  language.expect(['let é = 1;', '1 + 1'], false);
  expect(await language.cache.usage(true)).toMatchObject({ entries: 12, hits: 30, problem: null });
  await checked;
  await language.shutdown();
  const order = (list: Request[]): Request[] =>
    [...list].sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)));
  const sent = heard();
  expect(order(sent.map((request) => ('id' in request ? { ...request, id: 0 } : request)))).toEqual(
    order(requests.map((request) => ('id' in request ? { ...request, id: 0 } : request))),
  );
});

test('every event of the fixtures is in one of these tests', () => {
  expect(events.filter((event) => !used.has(event))).toEqual([]);
});
