import type { LanguageName } from '@ferrobook/notebook';
import type { Aspect, CellReport, CellRun, RunEvent } from './aspect';

/** When a language's process has ended between two cells, its next cell says so. */
export class LossesAspect implements Aspect {
  private readonly notices = new Map<LanguageName, string>();

  /** Notes what users have to know before the next cell of this language. */
  note(language: LanguageName, notice: string): void {
    this.notices.set(language, notice);
  }

  around(_cell: CellRun, run: () => Promise<CellReport>): Promise<CellReport> {
    return run();
  }

  observe(cell: CellRun, event: RunEvent): void {
    const notice = this.notices.get(cell.language);
    if (event.kind !== 'begun' || notice === undefined || cell.silent) return;
    this.notices.delete(cell.language);
    cell.warn(notice);
  }
}
