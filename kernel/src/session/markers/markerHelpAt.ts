import { findMarkerLine, languageNamed } from '@ferrobook/notebook';
import { markerHelp } from './markerCommand';

/** The help text when the cursor, in code points, stands on a cell's marker line. */
export function markerHelpAt(code: string, cursor: number): string | undefined {
  const marker = findMarkerLine(code);
  const language = languageNamed(marker?.name);
  if (marker === undefined || language === undefined) return undefined;
  const before = [...code].slice(0, cursor).join('').length;
  return before >= marker.start && before <= marker.end ? markerHelp(language) : undefined;
}
