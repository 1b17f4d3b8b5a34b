import { wordsOf } from './givenOptions.js';
import { LANGUAGE_LABELS, type LanguageName } from './language.js';

/** What a chip says for a marker and the options behind it: `Rust · shows its time`. */
export function chipWords(language: LanguageName, options: string): string {
  const written = options.split(/\s+/).filter((option) => option !== '');
  return [LANGUAGE_LABELS[language], ...written.map(wordsOf)].join(' · ');
}
