/** The languages of a notebook's cells. */
export const LANGUAGES = ['python', 'rust'] as const;
export type LanguageName = (typeof LANGUAGES)[number];

/** What people call the languages. */
export const LANGUAGE_LABELS: Record<LanguageName, string> = { python: 'Python', rust: 'Rust' };

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

/** A replacement in a cell's source. */
export interface SourceEdit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * Finds a cell's marker: a `%%` line with the name of a language, above which there are only blank lines and comments.
 * `#[…]` and `#!…` are Rust attributes, not comments. The kernel reads a cell by the same rule.
 */
export function findMarker(source: string): Marker | undefined {
  let lineStart = 0;
  while (lineStart <= source.length) {
    const newline = source.indexOf('\n', lineStart);
    const lineEnd = newline < 0 ? source.length : newline;
    const line = source.slice(lineStart, lineEnd);
    const trimmed = line.trim();
    const name = /^%%(\S*)/.exec(trimmed)?.[1];
    if (name !== undefined) {
      const language = LANGUAGES.find((known) => known === name);
      if (language === undefined) return undefined; // a magic of IPython's
      const start = lineStart + line.indexOf('%%');
      const end = start + '%%'.length + name.length;
      return { language, lineStart, start, end, lineEnd };
    }
    if (trimmed !== '' && !/^(\/\/|#(?![![]))/.test(trimmed)) return undefined;
    lineStart = lineEnd + 1;
  }
  return undefined;
}

/**
 * How a cell's source becomes `wanted`, in a notebook where cells without a marker are `fallback`. The default
 * language needs no marker.
 */
export function languageEdit(
  source: string,
  wanted: LanguageName,
  fallback: LanguageName,
): SourceEdit | undefined {
  const marker = findMarker(source);
  if ((marker?.language ?? fallback) === wanted) return undefined;
  const text = wanted === fallback ? '' : `%%${wanted}\n`;
  if (marker === undefined) return { start: 0, end: 0, text };
  return { start: marker.lineStart, end: Math.min(marker.lineEnd + 1, source.length), text };
}

/** The source of several cells as that of one: the lines go that were a cell's marker, and would be code in the middle. */
export function withoutMarkers(source: string): string {
  const isMarker = (line: string): boolean =>
    LANGUAGES.some((language) => new RegExp(`^\\s*%%${language}(\\s|$)`).test(line));
  return source
    .split('\n')
    .filter((line) => !isMarker(line))
    .join('\n');
}
