import type { LanguageName } from '@ferrobook/notebook';
import type { CacheUsage, MimeBundle } from '../../languages/language';
import type { TimingLedger } from '../../timing/ledger';
import type { KernelStatus } from '../kernelStatus';

/** What magics act upon. */
export interface MagicTargets {
  readonly ledger: TimingLedger;
  /** Starts one language afresh. */
  restart(language: LanguageName): Promise<void>;
  /** What is kept of compiled cells; with `clear`, what was kept until now. `undefined` when nobody can tell. */
  cache(clear: boolean): Promise<CacheUsage | undefined>;
  /** What the kernel is made of at this moment. */
  status(): Promise<KernelStatus>;
}

/** A line magic that the bridge answers, in cells of any language. To list it is all that it needs. */
export interface MagicDefinition {
  /** Without the `%`. */
  readonly name: string;
  /** The words that it takes; an empty one where it takes nothing, too. */
  readonly words: readonly string[];
  /** The docstring that `%name?` shows: what it does, and a line for each use. */
  readonly help: string;
  /** What it shows; `word` is one of {@link words}. */
  run(word: string, targets: MagicTargets): MimeBundle | Promise<MimeBundle>;
}

/** `%name arguments` in a cell. */
export interface Magic {
  name: string;
  arguments: string;
}
