import { isJsonObject } from '../notebook/jsonObject';
import { LANGUAGES, type LanguageName } from '../language/marker';

/** What a kernel is at, as it tells those that watch it. */
export interface Activity {
  languages: Record<LanguageName, LanguageActivity>;
  /** The cell that is being run. */
  cell: CellActivity | null;
}

export interface LanguageActivity {
  state: 'stopped' | 'starting' | 'ready' | 'unavailable';
  /** Why it is `unavailable`, and what to do. */
  problem: string | null;
  /** It was started again, its variables are gone, and no cell of it has run since. */
  restarted: boolean;
}

export interface CellActivity {
  cellId: string | null;
  language: LanguageName;
  phase: string;
  /** How far the crates are that the cell needs, while there are any to build. */
  crates: { done: number; total: number } | null;
  /** Milliseconds since the cell left the queue, and since it came to this phase. */
  cellMs: number;
  phaseMs: number;
}

const STATES = ['stopped', 'starting', 'ready', 'unavailable'] as const;

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
  const state = STATES.find((known) => known === value['state']);
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
  const language = LANGUAGES.find((known) => known === value['language']);
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

function parseCrates(value: unknown): CellActivity['crates'] {
  if (!isJsonObject(value)) return null;
  const { done, total } = value;
  return typeof done === 'number' && typeof total === 'number' ? { done, total } : null;
}
