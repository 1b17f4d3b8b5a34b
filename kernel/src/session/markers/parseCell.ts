import {
  type CellOptions,
  findMarkerLine,
  LANGUAGES,
  type LanguageName,
  languageNamed,
  type MarkerLine,
} from '@ferrobook/notebook';
import { CommanderError } from 'commander';
import { closest, distance } from 'fastest-levenshtein';
import { parseArgsStringToArgv } from 'string-argv';
import { markerCommand } from './markerCommand';

/** What a cell's marker line asks for. */
export type MarkerOptions = Partial<CellOptions>;

/** What a cell's source says about itself. */
export type ParsedCell =
  /** A cell to run. `code` has the marker line blanked for Rust, and is the source itself for Python. */
  | { kind: 'cell'; language: LanguageName; options: MarkerOptions; code: string; marked: boolean }
  /** `--help`. */
  | { kind: 'help'; text: string }
  /** A wrong option or marker. */
  | { kind: 'error'; message: string }
  /** `%%something` that may be a magic of IPython's, but looks like a marker with a typing error. */
  | { kind: 'doubtful'; name: string; message: string; cell: ParsedCell & { kind: 'cell' } };

/** A `%%` line that is this similar to a marker, in single edits, is taken for a slip. */
const SLIP_DISTANCE = 2;

/** Reads a cell's marker. Cells without one are `fallback`'s. */
export function parseCell(source: string, fallback: LanguageName): ParsedCell {
  const marker = findMarkerLine(source);
  if (marker === undefined) {
    return { kind: 'cell', language: fallback, options: {}, code: source, marked: false };
  }
  const language = languageNamed(marker.name);
  if (language === undefined) return unknownMarker(source, marker, fallback);
  const command = markerCommand(language);
  try {
    command.parse(parseArgsStringToArgv(marker.rest), { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === 'commander.helpDisplayed') {
      return { kind: 'help', text: command.helpInformation() };
    }
    const reason = error.message.replace(/^error: /, '');
    return {
      kind: 'error',
      message: `%%${language}: ${reason}\n%%${language} --help lists the options`,
    };
  }
  return {
    kind: 'cell',
    language,
    options: command.opts<MarkerOptions>(),
    code: language === 'rust' ? blank(source, marker) : source,
    marked: true,
  };
}

function unknownMarker(source: string, marker: MarkerLine, fallback: LanguageName): ParsedCell {
  const asked = marker.name.toLowerCase();
  const nearest = closest(asked, [...LANGUAGES]);
  const message =
    `unknown cell marker %%${marker.name}. Did you mean %%${nearest}? ` +
    `A cell is marked with ${LANGUAGES.map((name) => `%%${name}`).join(' or ')}`;
  if (fallback !== 'python') return { kind: 'error', message };
  const cell = {
    kind: 'cell',
    language: fallback,
    options: {},
    code: source,
    marked: false,
  } as const;
  return distance(asked, nearest) <= SLIP_DISTANCE
    ? { kind: 'doubtful', name: marker.name, message, cell }
    : cell;
}

/**
 * Blanks the marker line and the comments above it, which may be Python's; every position in the cell stays what it
 * was, in code points, lines and columns.
 */
function blank(source: string, marker: MarkerLine): string {
  return source.slice(0, marker.end).replace(/[^\n]/gu, ' ') + source.slice(marker.end);
}
