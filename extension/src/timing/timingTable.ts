import {
  duration,
  LANGUAGE_LABELS,
  LANGUAGES,
  msIn,
  PHASES,
  type SavedRecord,
} from '@ferrobook/notebook';
import { csvFormatRows } from 'd3-dsv';
import { markdownTable } from 'markdown-table';

/** A cell that has run. */
export interface TimedCell {
  /** Its place in the notebook, from 0. */
  index: number;
  cellId: string;
  /** The line that people know it by. */
  title: string;
  record: SavedRecord;
}

/** Sums over the cells of a language. */
export interface LanguageTotal {
  language: string;
  cells: number;
  compileMs: number;
  runMs: number;
  totalMs: number;
  cpuMs: number;
}

/** How the panel orders cells. */
export type Order = 'notebook' | 'cost';

export function ordered(cells: readonly TimedCell[], order: Order): TimedCell[] {
  return order === 'notebook'
    ? [...cells]
    : [...cells].sort((a, b) => b.record.totalMs - a.record.totalMs);
}

/** The totals of the languages that have cells. */
export function totals(cells: readonly TimedCell[]): LanguageTotal[] {
  return LANGUAGES.map((language) => {
    const records = cells.map(({ record }) => record).filter((it) => it.language === language);
    const sum = (ms: (record: SavedRecord) => number): number =>
      records.reduce((total, record) => total + ms(record), 0);
    return {
      language: LANGUAGE_LABELS[language],
      cells: records.length,
      compileMs: sum((record) => msIn(record, 'compile')),
      runMs: sum((record) => msIn(record, 'run')),
      totalMs: sum((record) => record.totalMs),
      cpuMs: sum((record) => record.cpuMs),
    };
  }).filter(({ cells: count }) => count > 0);
}

/** The cells and the totals as Markdown, with the times as people read them. */
export function asMarkdown(cells: readonly TimedCell[]): string {
  const time = (ms: number): string => (ms > 0 ? duration(ms) : '');
  const rows = cells.map(({ title, record }) => [
    record.executionCount === null ? '' : `[${record.executionCount}]`,
    record.language,
    ...['compile', 'run'].map((name) => time(msIn(record, name))),
    time(record.totalMs),
    time(record.cpuMs),
    `${marks(record)}\`${title.replaceAll('|', '\\|').replaceAll('`', "'")}\``,
  ]);
  const sums = totals(cells).map(({ language, cells: count, ...ms }) => [
    'Σ',
    language,
    ...[ms.compileMs, ms.runMs, ms.totalMs, ms.cpuMs].map(time),
    `${count} ${count === 1 ? 'cell' : 'cells'}`,
  ]);
  const head = ['In', 'language', 'compile', 'run', 'total', 'CPU', 'cell'];
  return `${markdownTable([head, ...rows, ...sums], { align: ['r', 'l', 'r', 'r', 'r', 'r', 'l'] })}\n`;
}

/** The cells as CSV: all phases, in milliseconds, one cell a line. */
export function asCsv(cells: readonly TimedCell[]): string {
  const phases = PHASES.map(({ name }) => name);
  const head = [
    ...['cell', 'execution_count', 'language', 'status', 'cached', 'started_at'],
    ...phases.map((name) => `${name}_ms`),
    ...['total_ms', 'cpu_ms', 'title'],
  ];
  const rows = cells.map(({ index, title, record }) => [
    String(index + 1),
    record.executionCount === null ? '' : String(record.executionCount),
    record.language,
    record.failed ? 'error' : 'ok',
    String(record.cached),
    record.startedAt,
    ...phases.map((name) => String(msIn(record, name))),
    String(record.totalMs),
    String(record.cpuMs),
    title,
  ]);
  return `${csvFormatRows([head, ...rows])}\n`;
}

function marks({ cached, failed }: SavedRecord): string {
  return `${failed ? 'failed: ' : ''}${cached ? 'cached: ' : ''}`;
}
