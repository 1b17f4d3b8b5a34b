import { closest } from 'fastest-levenshtein';
import type { CellError } from '../languages/language';
import type { TimingLedger } from '../timing/ledger';
import { renderTable } from '../timing/render';
import type { MimeBundle } from '../languages/language';

/** The MIME type by which a magic in ipykernel asks the bridge; `ferrobook/relay.py` sends it. */
export const COMMAND_MIME = 'application/vnd.ferrobook.command+json';

/** `%name arguments` in a cell. */
export interface Magic {
  name: string;
  arguments: string;
}

/** What a magic shows, or why it cannot. */
export type MagicResult = { data: MimeBundle } | { error: CellError };

/** The line magics that the bridge answers, in cells of any language. */
export const MAGICS = ['timing'] as const;

const TIMING_ARGUMENTS = ['on', 'off', 'reset'] as const;

/** Carries out a magic. */
export function runMagic(magic: Magic, ledger: TimingLedger): MagicResult {
  if (magic.name !== 'timing') {
    return usageError(`unknown magic %${magic.name}. Did you mean %${closest(magic.name, [...MAGICS])}?`);
  }
  const argument = magic.arguments.trim();
  switch (argument) {
    case '':
      return { data: renderTable(ledger.table()) };
    case 'on':
      ledger.shown = true;
      return { data: { 'text/plain': 'Each cell shows its time from now on; %timing off ends it.' } };
    case 'off':
      ledger.shown = false;
      return { data: { 'text/plain': 'Cells no longer show their time.' } };
    case 'reset':
      ledger.reset();
      return { data: { 'text/plain': 'The timing table is empty.' } };
    default:
      return usageError(
        `%timing does not know "${argument}". Did you mean %timing ${closest(argument, [...TIMING_ARGUMENTS])}? ` +
          'It takes nothing (the table), on, off or reset',
      );
  }
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
