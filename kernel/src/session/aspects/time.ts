import { titleOf } from '@ferrobook/notebook';
import type { TimingLedger } from '../../timing/ledger';
import { timingRecord } from '../../timing/record';
import { renderCell } from '../../timing/render';
import type { Aspect, CellReport, CellRun } from './aspect';

/** Times each cell: its record goes into the ledger and into the reply, and below the output where that is wanted. */
export class TimeAspect implements Aspect {
  constructor(private readonly ledger: TimingLedger) {}

  async around(cell: CellRun, run: () => Promise<CellReport>): Promise<CellReport> {
    const shownBefore = this.ledger.shown;
    const report = await run();
    const record = timingRecord({
      language: cell.language,
      cellId: cell.cellId,
      executionCount: cell.silent ? null : cell.count,
      status: report.status,
      arrived: cell.arrived,
      started: cell.started,
      ended: performance.now(),
      startedAt: cell.startedAt,
      timing: report.timing,
      options: cell.options,
    });
    if (!cell.isEmpty && !cell.silent) {
      this.ledger.add(record, cell.source);
      // The cell that switches it on does not show its own time.
      if (cell.options.time || (shownBefore && this.ledger.shown)) {
        cell.display(renderCell({ record, title: titleOf(cell.source) }));
      }
    }
    return { ...report, entries: { timing: record, ...report.entries } };
  }
}
