/** One line of the set-up's progress list. */

import type { DefaultRenderer, ListrTask, ListrTaskWrapper, SimpleRenderer } from 'listr2';

export type Step = ListrTask<unknown, typeof DefaultRenderer, typeof SimpleRenderer>;

/** The running step, as its own code sees it. */
export type Progress = ListrTaskWrapper<unknown, typeof DefaultRenderer, typeof SimpleRenderer>;

/** A step that failed: what to show in the list, and the tool's own words to print below it. */
export class StepError extends Error {
  override readonly name = 'StepError';

  constructor(
    message: string,
    readonly evidence: string,
  ) {
    super(message);
  }
}

const LOG_EVERY_MS = 10_000;

/**
 * Shows `done` of `total` under a step: a bar that moves on a terminal, a line now and then elsewhere, so that the log
 * of a CI job shows life without drowning in it.
 */
export class Bar {
  private nextLogAt = Date.now() + LOG_EVERY_MS;

  constructor(
    private readonly step: Progress,
    readonly total: number,
  ) {}

  show(done: number, current: string): void {
    const counted = Math.min(done, this.total);
    if (process.stdout.isTTY) {
      const width = 24;
      const filled = Math.round((width * counted) / Math.max(this.total, 1));
      const bar = '█'.repeat(filled) + '░'.repeat(width - filled);
      this.step.output = `${bar} ${String(counted)}/${String(this.total)} ${current}`;
    } else if (Date.now() >= this.nextLogAt) {
      this.nextLogAt = Date.now() + LOG_EVERY_MS;
      this.step.output = `${String(counted)} of ${String(this.total)}: ${current}`;
    }
  }
}
