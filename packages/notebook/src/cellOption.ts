import type { LanguageName } from './language.js';

/** An option of a cell's marker line. To declare it is all that the marker, its help, its completion and the chip need. */
export interface CellOption {
  /** The key of its value in what a cell is given. */
  readonly name: string;
  /** As Commander reads it: `-t, --time`; `--no-cache` sets the value of `cache` to false. */
  readonly flags: string;
  /** The languages whose markers take it. */
  readonly languages: readonly LanguageName[];
  /** A sentence without its capital and its full stop, for `--help`. */
  readonly help: string;
  /** What a chip says in its place. */
  readonly words: string;
  /** What is said beside the time of a cell that had it: what a reader must know to compare it with another one's. */
  readonly remark?: string;
  /** The value of cells that do not ask for it. */
  readonly usual: boolean;
}
