import Table from 'cli-table3';
import { escape } from 'html-escaper';
import type { Phase } from '../languages/language';
import { type TimedCell, type TimingTable, tableOf } from './ledger';
import { TIMING_MIME, type TimingRecord } from './record';

/** The phases in order. */
const PHASES = ['start', 'compile', 'snapshot', 'run', 'relay'];

/** Phases that are shown only where they cost something: most cells wait for nothing and copy little. */
const OPTIONAL_PHASES = new Set(['start', 'snapshot']);

/** Milliseconds below which an optional phase is not shown. */
const NOTICEABLE = 1;

function isShown({ name, ms }: Phase): boolean {
  return ms >= (OPTIONAL_PHASES.has(name) ? NOTICEABLE : Number.MIN_VALUE);
}

/** The phases that have a column in `table`. */
function columns(table: TimingTable): string[] {
  const shown = table.cells.flatMap((cell) => cell.record.phases).filter(isShown);
  return PHASES.filter(
    (name) => !OPTIONAL_PHASES.has(name) || shown.some((phase) => phase.name === name),
  );
}

/** How much of a cell's title a text table shows, in characters. */
const TITLE_WIDTH = 40;

/** Width of the longest bar in an HTML table, in pixels. */
const BAR_WIDTH = 120;

/** Readable on light and dark pages alike. */
const COLOURS: Record<string, string> = {
  start: '#c9c27a',
  compile: '#e0823d',
  snapshot: '#8e6bbf',
  run: '#3b82c4',
  relay: '#9aa0a6',
};

/** A timing table as a MIME bundle: text, HTML with bars, and the data. */
export function renderTable(table: TimingTable): Record<string, unknown> {
  return {
    'text/plain': table.cells.length === 0 ? 'No cell has run yet.' : text(table),
    'text/html': table.cells.length === 0 ? '<p>No cell has run yet.</p>' : html(table),
    [TIMING_MIME]: table,
  };
}

/** One cell's time as a MIME bundle, for below its output. */
export function renderCell(cell: TimedCell): Record<string, unknown> {
  const { record } = cell;
  const phases = record.phases
    .filter(isShown)
    .map((phase) => `${phase.name} ${duration(phase.ms)}`);
  const line = [
    `${record.language}: ${duration(record.totalMs)} (${phases.join(' + ')})`,
    `cpu ${duration(record.cpuMs)}`,
    ...remarks(record),
  ].join(', ');
  return {
    'text/plain': line,
    'text/html': `<div style="font-size: smaller; opacity: 0.85">${bar(record.phases, record.totalMs)} ${escape(line)}</div>`,
    [TIMING_MIME]: tableOf([cell]),
  };
}

/** What a reader must know to compare a cell's time with another's. */
function remarks({ cached, build }: TimingRecord): string[] {
  return [
    ...(build?.debug === true ? ['with debug checks'] : []),
    ...(typeof build?.targetCpu === 'string' ? [`for ${build.targetCpu}`] : []),
    ...(cached ? ['compiled earlier'] : []),
  ];
}

/** Milliseconds as people read them: `0.42 ms`, `153 ms`, `12.3 s`. */
export function duration(ms: number): string {
  if (ms >= 100_000) return `${(ms / 60_000).toFixed(1)} min`;
  if (ms >= 999.5) return `${(ms / 1000).toPrecision(3)} s`;
  if (ms >= 100) return `${Math.round(ms)} ms`;
  if (ms >= 1) return `${ms.toPrecision(3)} ms`;
  return `${ms.toFixed(2)} ms`;
}

function text(table: TimingTable): string {
  const phases = columns(table);
  const right = { hAlign: 'right' as const };
  const output = new Table({
    head: ['In', 'language', ...phases, 'total', 'cpu', 'cell'],
    colAligns: ['right', 'left', ...phases.map(() => right.hAlign), 'right', 'right', 'left'],
    style: { head: [], border: [], compact: true },
    chars: {
      ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '' },
      ...{ bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '' },
      ...{ left: '', 'left-mid': '', right: '', 'right-mid': '', middle: ' ' },
      ...{ mid: '─', 'mid-mid': '─' },
    },
  });
  for (const { record, title } of table.cells) {
    output.push([
      record.executionCount === null ? '' : `[${record.executionCount}]`,
      record.language,
      ...phases.map((name) => phaseText(record.phases, name)),
      duration(record.totalMs),
      duration(record.cpuMs),
      `${record.status === 'ok' ? '' : '✗ '}${shorten(title)}`,
    ]);
  }
  for (const total of table.totals) {
    output.push([
      'Σ',
      total.language,
      ...phases.map((name) =>
        total.phases[name] === undefined ? '' : duration(total.phases[name]),
      ),
      duration(total.totalMs),
      duration(total.cpuMs),
      `${total.cells} ${total.cells === 1 ? 'cell' : 'cells'}`,
    ]);
  }
  return output
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

function html(table: TimingTable): string {
  const names = columns(table);
  const longest = Math.max(...table.cells.map((cell) => cell.record.totalMs));
  const cell = (content: string, align: 'left' | 'right'): string =>
    `<td style="text-align: ${align}; white-space: nowrap">${content}</td>`;
  const row = (
    first: string,
    language: string,
    phases: (name: string) => string,
    rest: [total: string, cpu: string, bar: string, title: string],
    style = '',
  ): string =>
    `<tr${style}>${cell(first, 'right')}${cell(language, 'left')}` +
    names.map((name) => cell(phases(name), 'right')).join('') +
    `${cell(rest[0], 'right')}${cell(rest[1], 'right')}${cell(rest[2], 'left')}${cell(rest[3], 'left')}</tr>`;
  const rows = table.cells.map(({ record, title }) =>
    row(
      record.executionCount === null ? '' : `[${record.executionCount}]`,
      record.language,
      (name) => phaseText(record.phases, name),
      [
        duration(record.totalMs),
        duration(record.cpuMs),
        bar(record.phases, longest),
        `${record.status === 'ok' ? '' : '✗ '}<code>${escape(shorten(title))}</code>`,
      ],
    ),
  );
  const totals = table.totals.map((total) =>
    row(
      'Σ',
      total.language,
      (name) => (total.phases[name] === undefined ? '' : duration(total.phases[name])),
      [
        duration(total.totalMs),
        duration(total.cpuMs),
        '',
        `${total.cells} ${total.cells === 1 ? 'cell' : 'cells'}`,
      ],
      ' style="font-weight: bold"',
    ),
  );
  const heads = ['In', 'language', ...names, 'total', 'cpu', '', 'cell'];
  return (
    `<table><thead><tr>${heads.map((head) => `<th style="text-align: left">${head}</th>`).join('')}</tr></thead>` +
    `<tbody>${rows.join('')}${totals.join('')}</tbody></table>`
  );
}

function phaseText(phases: Phase[], name: string): string {
  const ms = phases
    .filter((phase) => phase.name === name)
    .reduce((sum, phase) => sum + phase.ms, 0);
  return phases.some((phase) => phase.name === name) ? duration(ms) : '';
}

/** The phases as coloured segments; `longest` fills the whole width. */
function bar(phases: Phase[], longest: number): string {
  const segments = phases.map((phase) => {
    const width = longest > 0 ? (phase.ms / longest) * BAR_WIDTH : 0;
    return (
      `<span title="${escape(`${phase.name} ${duration(phase.ms)}`)}" style="display: inline-block; height: 0.8em; ` +
      `width: ${width.toFixed(1)}px; background: ${COLOURS[phase.name] ?? '#888'}"></span>`
    );
  });
  return `<span style="white-space: nowrap; font-size: medium">${segments.join('')}</span>`;
}

function shorten(title: string): string {
  const characters = [...title];
  return characters.length <= TITLE_WIDTH
    ? title
    : `${characters.slice(0, TITLE_WIDTH - 1).join('')}…`;
}
