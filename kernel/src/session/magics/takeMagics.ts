import type { Magic } from './magic';

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
