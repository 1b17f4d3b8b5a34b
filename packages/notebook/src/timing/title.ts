import { isComment } from '../marker.js';

/** The line that a reader knows a cell by: not its marker, not a comment unless there is nothing else. */
export function titleOf(source: string): string {
  const lines = source
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('%%'));
  return lines.find((line) => !isComment(line)) ?? lines[0] ?? '';
}
