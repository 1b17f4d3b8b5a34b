import { LANGUAGES, type LanguageName } from '../languages/language';
import type { TimingRecord } from './record';

/** A cell of the table: its record and the line it is known by. */
export interface TimedCell {
  record: TimingRecord;
  /** The first line of the cell's source that says something. */
  title: string;
}

/** Sums over the cells of one language, in milliseconds. */
export interface LanguageTotal {
  language: LanguageName;
  cells: number;
  /** By phase name. */
  phases: Record<string, number>;
  totalMs: number;
  cpuMs: number;
}

/** What {@link TIMING_MIME} carries. */
export interface TimingTable {
  version: 1;
  cells: TimedCell[];
  totals: LanguageTotal[];
}

/** The times of the session's cells. */
export class TimingLedger {
  private cells: TimedCell[] = [];
  /** Whether each cell's time is shown below its output. */
  shown = false;

  add(record: TimingRecord, source: string): void {
    this.cells.push({ record, title: titleOf(source) });
  }

  reset(): void {
    this.cells = [];
  }

  /** The table of all cells so far. */
  table(): TimingTable {
    return tableOf(this.cells);
  }
}

/** A table of the given cells. */
export function tableOf(cells: TimedCell[]): TimingTable {
  const totals = LANGUAGES.map((language) =>
    totalOf(
      language,
      cells.map((cell) => cell.record).filter((record) => record.language === language),
    ),
  );
  return { version: 1, cells: [...cells], totals: totals.filter((total) => total.cells > 0) };
}

/** The line that a reader knows a cell by: not its marker, not a comment unless there is nothing else. */
export function titleOf(source: string): string {
  const lines = source
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('%%'));
  return lines.find((line) => !/^(\/\/|#(?![![]))/.test(line)) ?? lines[0] ?? '';
}

function totalOf(language: LanguageName, records: TimingRecord[]): LanguageTotal {
  const phases: Record<string, number> = {};
  for (const { name, ms } of records.flatMap((record) => record.phases)) {
    phases[name] = (phases[name] ?? 0) + ms;
  }
  return {
    language,
    cells: records.length,
    phases,
    totalMs: records.reduce((sum, record) => sum + record.totalMs, 0),
    cpuMs: records.reduce((sum, record) => sum + record.cpuMs, 0),
  };
}
