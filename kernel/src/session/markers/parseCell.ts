import { Command, CommanderError, Option } from 'commander';
import { closest, distance } from 'fastest-levenshtein';
import { parseArgsStringToArgv } from 'string-argv';
import { type CellOptions, LANGUAGES, type LanguageName } from '../languages/language';

/** Options of a marker line. */
export interface MarkerOptions extends Partial<CellOptions> {
  /** Show the cell's time below its output. */
  time?: boolean;
}

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

const DESCRIPTIONS: Record<LanguageName, string> = {
  python: 'This cell is Python, run by ipykernel.',
  rust: 'This cell is Rust, compiled and run by evcxr.',
};

/** What the markers of only one language take. */
const OWN_OPTIONS: Record<LanguageName, readonly Option[]> = {
  python: [],
  rust: [
    new Option(
      '--no-snapshot',
      'keep no copy of the variables: this cell starts sooner and needs less memory when they are large, ' +
        'and they are lost if it crashes or is interrupted',
    ),
    new Option(
      '--no-cache',
      'compile this cell even if it was compiled before, and do not keep it: for macros that look at something ' +
        'the compiler does not know of',
    ),
    new Option(
      '--debug',
      'compile this cell with overflow checks and debug assertions, as `cargo build` without --release does; ' +
        'crates of :dep lines stay as they are',
    ),
  ],
};

/** Commander's definition of a marker: it parses, writes the help and suggests what was meant. */
function markerCommand(language: LanguageName): Command {
  const command = new Command(`%%${language}`)
    .description(DESCRIPTIONS[language])
    .usage('[options]')
    .addOption(new Option('-t, --time', "show the cell's time below its output"))
    .helpOption('-h, --help', 'show this text')
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({ writeOut: () => undefined, writeErr: () => undefined })
    .configureHelp({ helpWidth: 80 });
  for (const option of OWN_OPTIONS[language]) command.addOption(option);
  return command;
}

interface MarkerLine {
  /** Where the line starts and ends (exclusive, without its line break), in UTF-16 units. */
  start: number;
  end: number;
  name: string;
  rest: string;
}

/** The help text of a marker. */
export function markerHelp(language: LanguageName): string {
  return markerCommand(language).helpInformation();
}

/** The long options of a marker, for completion. */
export function markerOptions(language: LanguageName): string[] {
  return [...markerCommand(language).options.map((option) => option.long ?? ''), '--help'];
}

/**
 * Finds the `%%name` line of a cell: the first line that is neither blank nor a comment. `#[…]` and `#!…` are Rust
 * attributes, not comments.
 */
export function findMarker(source: string): MarkerLine | undefined {
  let start = 0;
  for (const line of source.split('\n')) {
    const trimmed = line.trim();
    const marker = /^%%(\S*)\s*(.*)$/.exec(trimmed);
    if (marker) {
      return { start, end: start + line.length, name: marker[1] ?? '', rest: marker[2] ?? '' };
    }
    if (trimmed !== '' && !/^(\/\/|#(?![![]))/.test(trimmed)) return undefined;
    start += line.length + 1;
  }
  return undefined;
}

/** Reads a cell's marker. Cells without one are `fallback`'s. */
export function parseCell(source: string, fallback: LanguageName): ParsedCell {
  const marker = findMarker(source);
  if (marker === undefined) {
    return { kind: 'cell', language: fallback, options: {}, code: source, marked: false };
  }
  const language = LANGUAGES.find((name) => name === marker.name);
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
