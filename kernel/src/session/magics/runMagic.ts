import { closest } from 'fastest-levenshtein';
import type { CellError } from '../../languages/cellError';
import type { MimeBundle } from '../../languages/language';
import type { Magic, MagicTargets } from './magic';
import { MAGICS } from './magics';
import { usageError } from './usageError';

/** What a magic shows, or why it cannot. */
export type MagicResult = { data: MimeBundle } | { error: CellError };

/** Carries out a magic. */
export async function runMagic(magic: Magic, targets: MagicTargets): Promise<MagicResult> {
  const definition = MAGICS.find(({ name }) => name === magic.name);
  if (definition === undefined) {
    const names = MAGICS.map(({ name }) => name);
    return usageError(`unknown magic %${magic.name}. Did you mean %${closest(magic.name, names)}?`);
  }
  const { name, words } = definition;
  const word = magic.arguments.trim();
  if (!words.includes(word)) {
    const said = word === '' ? `%${name} needs to know what.` : `%${name} does not know "${word}".`;
    const named = words.filter((known) => known !== '');
    return usageError(
      `${said} Did you mean %${name} ${closest(word, named)}? It takes ${listed(words)}`,
    );
  }
  return { data: await definition.run(word, targets) };
}

/** `nothing, on, off or reset`. */
function listed(words: readonly string[]): string {
  const named = words.map((word) => (word === '' ? 'nothing (to show it)' : word));
  return named.length === 1
    ? String(named[0])
    : `${named.slice(0, -1).join(', ')} or ${String(named.at(-1))}`;
}
