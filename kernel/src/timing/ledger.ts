import {
  LANGUAGES,
  type LanguageName,
  type LanguageTotal,
  type TimedCell,
  type TimingRecord,
  type TimingTable,
  titleOf,
} from '@ferrobook/notebook';

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
