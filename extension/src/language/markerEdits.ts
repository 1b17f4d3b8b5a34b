import { findMarker, isMarker, type LanguageName } from '@ferrobook/notebook';

/** A replacement in a cell's source. */
export interface SourceEdit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
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
  return source
    .split('\n')
    .filter((line) => !isMarker(line))
    .join('\n');
}
