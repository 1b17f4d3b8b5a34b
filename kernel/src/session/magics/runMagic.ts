import { closest } from 'fastest-levenshtein';
import {
  type CellError,
  LANGUAGES,
  type LanguageName,
  type MimeBundle,
} from '../languages/language';
import type { TimingLedger } from '../timing/ledger';
import { renderTable } from '../timing/render';
import { type CacheUsage, cacheText } from './cacheText';
import { type KernelStatus, statusText } from './status';

/** The MIME type by which a magic in ipykernel asks the bridge; `ferrobook/relay.py` sends it. */
export const COMMAND_MIME = 'application/vnd.ferrobook.command+json';

/** `%name arguments` in a cell. */
export interface Magic {
  name: string;
  arguments: string;
}

/** What a magic shows, or why it cannot. */
export type MagicResult = { data: MimeBundle } | { error: CellError };

/** What magics act upon. */
export interface MagicTargets {
  readonly ledger: TimingLedger;
  /** Starts one language afresh. */
  restart(language: LanguageName): Promise<void>;
  /** What is kept of compiled Rust cells; with `clear`, what was kept until now. `undefined` without a Rust host. */
  cache(clear: boolean): Promise<CacheUsage | undefined>;
  /** What the kernel is made of at this moment. */
  status(): Promise<KernelStatus>;
}

/** The line magics that the bridge answers, in cells of any language. */
export const MAGICS = ['timing', 'restart', 'ferrobook', 'cache'] as const;

/** The words that each magic takes; an empty one where it takes nothing, too. */
const ARGUMENTS: Record<(typeof MAGICS)[number], readonly string[]> = {
  timing: ['', 'on', 'off', 'reset'],
  restart: LANGUAGES,
  ferrobook: ['status'],
  cache: ['', 'clear'],
};

/** Carries out a magic. */
export async function runMagic(magic: Magic, targets: MagicTargets): Promise<MagicResult> {
  const name = MAGICS.find((known) => known === magic.name);
  if (name === undefined) {
    return usageError(
      `unknown magic %${magic.name}. Did you mean %${closest(magic.name, [...MAGICS])}?`,
    );
  }
  const argument = magic.arguments.trim();
  const known = ARGUMENTS[name];
  if (!known.includes(argument)) {
    const said =
      argument === '' ? `%${name} needs to know what.` : `%${name} does not know "${argument}".`;
    const words = known.filter((word) => word !== '');
    return usageError(
      `${said} Did you mean %${name} ${closest(argument, words)}? It takes ${listed(known)}`,
    );
  }
  switch (name) {
    case 'timing':
      return { data: timing(argument, targets.ledger) };
    case 'restart': {
      const language = LANGUAGES.find((candidate) => candidate === argument) ?? 'rust';
      await targets.restart(language);
      return { data: { 'text/plain': restarted(language) } };
    }
    case 'ferrobook':
      return { data: { 'text/plain': statusText(await targets.status()) } };
    case 'cache': {
      const clear = argument === 'clear';
      return { data: { 'text/plain': cacheText(await targets.cache(clear), clear) } };
    }
  }
}

function timing(argument: string, ledger: TimingLedger): MimeBundle {
  switch (argument) {
    case 'on':
      ledger.shown = true;
      return { 'text/plain': 'Each cell shows its time from now on; %timing off ends it.' };
    case 'off':
      ledger.shown = false;
      return { 'text/plain': 'Cells no longer show their time.' };
    case 'reset':
      ledger.reset();
      return { 'text/plain': 'The timing table is empty.' };
    default:
      return renderTable(ledger.table());
  }
}

function restarted(language: LanguageName): string {
  return language === 'rust'
    ? 'Rust starts afresh: its variables, items and crates are gone. Python keeps everything.'
    : 'Python starts afresh: its variables and imports are gone. Rust keeps everything.';
}

/** `nothing, on, off or reset`. */
function listed(words: readonly string[]): string {
  const named = words.map((word) => (word === '' ? 'nothing (to show it)' : word));
  return named.length === 1
    ? String(named[0])
    : `${named.slice(0, -1).join(', ')} or ${String(named.at(-1))}`;
}

/**
 * Takes the `%name` lines from the top of a Rust cell and blanks them. Rust has no statement that begins with `%`, so
 * nothing is taken away from the language.
 */
export function takeMagics(code: string): { magics: Magic[]; code: string } {
  const magics: Magic[] = [];
  const lines = code.split('\n');
  for (const [number, line] of lines.entries()) {
    const trimmed = line.trim();
    const magic = /^%(\w+)\s*(.*)$/.exec(trimmed);
    if (magic) {
      magics.push({ name: magic[1] ?? '', arguments: magic[2] ?? '' });
      lines[number] = line.replace(/./gu, ' ');
    } else if (trimmed !== '' && !trimmed.startsWith('//') && !trimmed.startsWith(':')) {
      break;
    }
  }
  return { magics, code: lines.join('\n') };
}

/** A wrong use of a magic or a marker, in the form that IPython gives it. */
export function usageError(message: string): { error: CellError } {
  return {
    error: { ename: 'UsageError', evalue: message, traceback: [`UsageError: ${message}`] },
  };
}
