import {
  duration,
  isShown,
  msIn,
  type Phase,
  phaseColour,
  PHASES,
  remarks,
  TIMING_MIME,
  type TimedCell,
  type TimingTable,
} from '@ferrobook/notebook';
import Table from 'cli-table3';
import { escape } from 'html-escaper';
import { tableOf } from './ledger';

/** The phases that have a column in `table`: those that most cells do not have only where one was long enough. */
function columns(table: TimingTable): string[] {
  const phases = table.cells.flatMap((cell) => cell.record.phases);
  const isNamed = (name: string): boolean =>
    phases.some((phase) => phase.name === name && isShown(phase, 'table'));
  return PHASES.filter(({ name, isRare }) => !isRare || isNamed(name)).map(({ name }) => name);
}

/** How much of a cell's title a text table shows, in characters. */
const TITLE_WIDTH = 40;

/** Width of the longest bar in an HTML table, in pixels. */
const BAR_WIDTH = 120;

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
    .filter((phase) => isShown(phase, 'table'))
    .map((phase) => `${phase.name} ${duration(phase.ms)}`);
  const line = [
    `${record.language}: ${duration(record.totalMs)} (${phases.join(' + ')})`,
    `cpu ${duration(record.cpuMs)}`,
    ...remarks(record),
    ...(record.cached ? ['compiled earlier'] : []),
  ].join(', ');
  return {
    'text/plain': line,
    'text/html': `<div style="font-size: smaller; opacity: 0.85">${bar(record.phases, record.totalMs)} ${escape(line)}</div>`,
    [TIMING_MIME]: tableOf([cell]),
  };
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
  return phases.some((phase) => phase.name === name) ? duration(msIn({ phases }, name)) : '';
}

/** The phases as coloured segments; `longest` fills the whole width. */
function bar(phases: Phase[], longest: number): string {
  const segments = phases.map((phase) => {
    const width = longest > 0 ? (phase.ms / longest) * BAR_WIDTH : 0;
    return (
      `<span title="${escape(`${phase.name} ${duration(phase.ms)}`)}" style="display: inline-block; height: 0.8em; ` +
      `width: ${width.toFixed(1)}px; background: ${phaseColour(phase.name)}"></span>`
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
