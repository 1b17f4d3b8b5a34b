import { isJsonObject } from '../json.js';
import { type LanguageName, languageNamed } from '../language.js';

/** What the kernel is at, as frontends show it while it happens. */
export interface Activity {
  readonly languages: Readonly<Record<LanguageName, LanguageActivity>>;
  /** The cell that is being run. */
  readonly cell: CellActivity | null;
}

/** Whether a language can run cells. A `stopped` one starts with its next cell. */
export const LANGUAGE_STATES = ['stopped', 'starting', 'ready', 'unavailable'] as const;
export type LanguageStateName = (typeof LANGUAGE_STATES)[number];

export interface LanguageActivity {
  readonly state: LanguageStateName;
  /** Why it is `unavailable`, and what to do. */
  readonly problem: string | null;
  /** It was started again, its variables are gone, and no cell of it has run since. */
  readonly restarted: boolean;
}

/** How far a build is: crates that are done, of all that it needs. */
export interface BuildProgress {
  readonly done: number;
  readonly total: number;
}

export interface CellActivity {
  /** The frontend's id of the cell, where it sends one (`metadata.cellId`). */
  readonly cellId: string | null;
  readonly language: LanguageName;
  /** `start` is the wait for a language that is still coming up; `compile` and `run` follow. */
  readonly phase: string;
  /** How far the crates are that the cell needs, while there are any to build. */
  readonly crates: BuildProgress | null;
  /** Milliseconds since the cell left the queue, and since it came to this phase. */
  readonly cellMs: number;
  readonly phaseMs: number;
}

/** Reads what a kernel says, which may be older or newer than this. */
export function parseActivity(value: unknown): Activity | undefined {
  if (!isJsonObject(value)) return undefined;
  const { languages, cell } = value;
  if (!isJsonObject(languages)) return undefined;
  const python = parseLanguage(languages['python']);
  const rust = parseLanguage(languages['rust']);
  if (python === undefined || rust === undefined) return undefined;
  return { languages: { python, rust }, cell: parseCell(cell) ?? null };
}

function parseLanguage(value: unknown): LanguageActivity | undefined {
  if (!isJsonObject(value)) return undefined;
  const state = LANGUAGE_STATES.find((known) => known === value['state']);
  const { problem, restarted } = value;
  if (state === undefined) return undefined;
  return {
    state,
    problem: typeof problem === 'string' ? problem : null,
    restarted: restarted === true,
  };
}

function parseCell(value: unknown): CellActivity | undefined {
  if (!isJsonObject(value)) return undefined;
  const { cellId, phase, crates, cellMs, phaseMs } = value;
  const language = languageNamed(value['language']);
  if (
    language === undefined ||
    typeof phase !== 'string' ||
    typeof cellMs !== 'number' ||
    typeof phaseMs !== 'number'
  ) {
    return undefined;
  }
  return {
    cellId: typeof cellId === 'string' ? cellId : null,
    language,
    phase,
    crates: parseCrates(crates),
    cellMs,
    phaseMs,
  };
}

function parseCrates(value: unknown): BuildProgress | null {
  if (!isJsonObject(value)) return null;
  const { done, total } = value;
  return typeof done === 'number' && typeof total === 'number' ? { done, total } : null;
}
