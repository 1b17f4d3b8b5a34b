import type { ActivityBoard } from '../control/activityBoard';
import type { Aspect, CellReport, CellRun, RunEvent } from './aspect';

/** Tells those that watch the kernel which cell runs, and which phase it has come to. */
export class ActivityAspect implements Aspect {
  constructor(private readonly board: ActivityBoard) {}

  async around(_cell: CellRun, run: () => Promise<CellReport>): Promise<CellReport> {
    try {
      return await run();
    } finally {
      this.board.cellEnded();
    }
  }

  observe(cell: CellRun, event: RunEvent): void {
    if (event.kind === 'begun') this.board.cellBegan(cell.cellId, cell.language);
    else if (event.kind === 'phase') this.board.phase(event.phase, event.crates);
  }
}
