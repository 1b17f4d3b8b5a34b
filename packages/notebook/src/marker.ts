import { type LanguageName, languageNamed } from './language.js';

/** A cell's `%%name` line. Positions are UTF-16 offsets in the cell. */
export interface MarkerLine {
  /** Where the line starts and ends (exclusive, without its line break). */
  readonly start: number;
  readonly end: number;
  /** What stands behind `%%`: a language, or a magic of IPython's. */
  readonly name: string;
  /** What stands behind the name. */
  readonly rest: string;
}

/** A `%%rust` or `%%python` line. Positions are UTF-16 offsets in the cell. */
export interface Marker {
  readonly language: LanguageName;
  /** Where the line starts. */
  readonly lineStart: number;
  /** Where `%%` starts and where the language's name ends. */
  readonly start: number;
  readonly end: number;
  /** Where the line ends, without its line break. */
  readonly lineEnd: number;
}

/**
 * The form of a marker's line without the space around it, and that of a comment, which may stand above one. `#[…]` and
 * `#!…` are Rust attributes, not comments. Python's side of the kernel reads cells by the same two patterns, so they are
 * written in what JavaScript and Python have in common.
 */
export const MARKER_PATTERN = '^%%(\\S*)\\s*(.*)$';
export const COMMENT_PATTERN = '^(//|#(?![!\\[]))';

const MARKER = new RegExp(MARKER_PATTERN);
const COMMENT = new RegExp(COMMENT_PATTERN);

/** Whether a line, of which the space around it is cut off, is a comment of either language. */
export function isComment(trimmed: string): boolean {
  return COMMENT.test(trimmed);
}

/** Finds the `%%name` line of a cell: the first line that is neither blank nor a comment. */
export function findMarkerLine(source: string): MarkerLine | undefined {
  let start = 0;
  while (start <= source.length) {
    const newline = source.indexOf('\n', start);
    const end = newline < 0 ? source.length : newline;
    const trimmed = source.slice(start, end).trim();
    const marker = MARKER.exec(trimmed);
    if (marker) return { start, end, name: marker[1] ?? '', rest: marker[2] ?? '' };
    if (trimmed !== '' && !isComment(trimmed)) return undefined;
    start = end + 1;
  }
  return undefined;
}

/** Finds a cell's marker; that of a magic of IPython's is none. */
export function findMarker(source: string): Marker | undefined {
  const line = findMarkerLine(source);
  const language = languageNamed(line?.name);
  if (line === undefined || language === undefined) return undefined;
  const start = source.indexOf('%%', line.start);
  const end = start + '%%'.length + line.name.length;
  return { language, lineStart: line.start, start, end, lineEnd: line.end };
}

/** Whether a line by itself would be the marker of a language. */
export function isMarker(line: string): boolean {
  return languageNamed(MARKER.exec(line.trim())?.[1]) !== undefined;
}
