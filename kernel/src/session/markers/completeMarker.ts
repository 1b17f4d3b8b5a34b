import { findMarkerLine, LANGUAGES, languageNamed } from '@ferrobook/notebook';
import type { Completions } from '../../languages/language';
import { MAGICS } from '../magics/magics';
import { markerOptions } from './markerCommand';

/** Completions on a marker line or a magic's. */
export interface MarkerCompletion {
  completions: Completions;
  /** Whether nobody else has anything to add: the options of a marker, but not the names of magics. */
  exclusive: boolean;
}

/** Completes `%%…` at the start of a cell, a marker's options, and the bridge's own `%…` magics. */
export function completeMarker(code: string, cursor: number): MarkerCompletion | undefined {
  const before = [...code].slice(0, cursor).join('');
  const line = before.slice(before.lastIndexOf('\n') + 1);
  const marker = findMarkerLine(before);
  if (marker?.end === before.length) {
    const language = languageNamed(marker.name);
    const word = /\S*$/.exec(line)?.[0] ?? '';
    if (!word.startsWith('%%')) {
      // The arguments of a magic of IPython's are none of our business.
      if (language === undefined) return undefined;
      return matching(markerOptions(language), word, cursor, true);
    }
    return matching(
      LANGUAGES.map((name) => `%%${name}`),
      word,
      cursor,
      false,
    );
  }
  const magic = /^\s*(%\w*)$/.exec(line)?.[1];
  if (magic !== undefined) {
    return matching(
      [...MAGICS.map(({ name }) => `%${name}`), ...LANGUAGES.map((name) => `%%${name}`)],
      magic,
      cursor,
      false,
    );
  }
  return undefined;
}

function matching(
  candidates: string[],
  word: string,
  cursor: number,
  exclusive: boolean,
): MarkerCompletion | undefined {
  const matches = candidates.filter((candidate) => candidate.startsWith(word));
  if (matches.length === 0 && !exclusive) return undefined;
  return {
    exclusive,
    completions: {
      matches,
      cursor_start: cursor - [...word].length,
      cursor_end: cursor,
      metadata: {},
    },
  };
}
