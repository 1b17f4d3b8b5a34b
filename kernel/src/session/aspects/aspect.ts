import type { CellOptions, LanguageName } from '@ferrobook/notebook';
import type { CellEvent, CellOutcome, MimeBundle } from '../../languages/language';

/** A cell that is being answered, as far as it is anybody's business what happens around it. */
export interface CellRun {
  /** The frontend's id of the cell, where it sends one (`metadata.cellId`). */
  readonly cellId: string | null;
  /** The whole cell, with its marker. */
  readonly source: string;
  /** Nothing but space. */
  readonly isEmpty: boolean;
  /** What its marker asks for. */
  readonly options: CellOptions;
  /** The default language until it is known which one runs the cell. */
  readonly language: LanguageName;
  /** The count that its prompt shows. */
  readonly count: number;
  /** Nothing of it is to be broadcast. */
  readonly silent: boolean;
  /** When its request arrived, and when it left the queue: readings of `performance.now()`. */
  readonly arrived: number;
  readonly started: number;
  readonly startedAt: Date;
  /** Shows something among the outputs of the cell. */
  display(data: MimeBundle): void;
  /** Prints on the stderr of the cell. */
  warn(text: string): void;
}

/** What aspects learn of a running cell: what its language reports, and that a language has been given it. */
export type RunEvent = CellEvent | { kind: 'begun' };

/** How a cell ended, and what its reply says of it under Ferrobook's key. */
export interface CellReport extends CellOutcome {
  /** Entries of `execute_reply.metadata.ferrobook`. */
  readonly entries?: Readonly<Record<string, unknown>>;
}

/**
 * Something that happens around the run of every cell, such as that it is timed. It neither knows of the others nor of the
 * language; a cell's error has not been published when {@link around} goes on after `run`.
 */
export interface Aspect {
  /** `run` is everything that the aspects behind this one do, and the cell itself. Rejects only on a mistake of ours. */
  around(cell: CellRun, run: () => Promise<CellReport>): Promise<CellReport>;
  /** Called with each event before the session makes a message of it. */
  observe?(cell: CellRun, event: RunEvent): void;
}

/** `run` with all of these around it; the first one is the outermost. */
export function within(
  aspects: readonly Aspect[],
  cell: CellRun,
  run: () => Promise<CellReport>,
): Promise<CellReport> {
  const [first, ...rest] = aspects;
  return first === undefined ? run() : first.around(cell, () => within(rest, cell, run));
}
