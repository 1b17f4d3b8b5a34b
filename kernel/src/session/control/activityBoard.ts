import {
  type Activity,
  type BuildProgress,
  type CellActivity,
  type LanguageActivity,
  LANGUAGES,
  type LanguageName,
} from '@ferrobook/notebook';
import type { Language } from '../../languages/language';

/** Changes that follow each other faster than this, in milliseconds, are told as one. */
const INTERVAL = 50;

interface RunningCell extends Omit<CellActivity, 'cellMs' | 'phaseMs'> {
  /** Readings of `performance.now()`. */
  readonly cellSince: number;
  readonly phaseSince: number;
}

/** Keeps the {@link Activity} and tells when it is another one. */
export class ActivityBoard {
  private cell: RunningCell | undefined;
  /** Languages that have been ready before. */
  private readonly known = new Set<LanguageName>();
  private readonly ready = new Set<LanguageName>();
  private readonly restarted = new Set<LanguageName>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly languages: Readonly<Record<LanguageName, Pick<Language, 'state'>>>,
    private readonly onChange: (activity: Activity) => void,
  ) {}

  /** The activity at this moment. */
  current(): Activity {
    const now = performance.now();
    const languages = Object.fromEntries(
      LANGUAGES.map((name) => [name, this.languageActivity(name)]),
    ) as Record<LanguageName, LanguageActivity>;
    if (this.cell === undefined) return { languages, cell: null };
    const { cellSince, phaseSince, ...cell } = this.cell;
    return {
      languages,
      cell: { ...cell, cellMs: now - cellSince, phaseMs: now - phaseSince },
    };
  }

  /** A language's state is another one. */
  languageChanged(name: LanguageName): void {
    if (this.languages[name].state.name !== 'ready') {
      this.ready.delete(name);
    } else if (!this.ready.has(name)) {
      if (this.known.has(name)) this.restarted.add(name);
      this.known.add(name);
      this.ready.add(name);
    }
    this.changed();
  }

  /** A cell goes to a language. */
  cellBegan(cellId: string | null, language: LanguageName): void {
    const now = performance.now();
    this.cell = {
      cellId,
      language,
      phase: 'start',
      crates: null,
      cellSince: now,
      phaseSince: now,
    };
    this.changed();
  }

  /** The running cell has come to a phase, or got further in it. */
  phase(phase: 'compile' | 'run', crates: BuildProgress | undefined): void {
    if (this.cell === undefined) return;
    const phaseSince = this.cell.phase === phase ? this.cell.phaseSince : performance.now();
    this.cell = { ...this.cell, phase, phaseSince, crates: crates ?? null };
    this.restarted.delete(this.cell.language);
    this.changed();
  }

  cellEnded(): void {
    if (this.cell === undefined) return;
    this.cell = undefined;
    this.changed();
  }

  private languageActivity(name: LanguageName): LanguageActivity {
    const { state } = this.languages[name];
    return {
      state: state.name,
      problem: state.name === 'unavailable' ? state.problem : null,
      restarted: this.restarted.has(name),
    };
  }

  private changed(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.onChange(this.current());
    }, INTERVAL).unref();
  }
}
