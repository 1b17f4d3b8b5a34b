import { LANGUAGE_LABELS, type LanguageName } from './marker';

/** The kernel's options in words; others are shown as they are written. */
const OPTIONS: ReadonlyMap<string, string> = new Map([
  ['-t', 'shows its time'],
  ['--time', 'shows its time'],
  ['--no-snapshot', 'without a snapshot'],
  ['--no-cache', 'always compiled anew'],
  ['--debug', 'with debug checks'],
]);

/** What a chip says: `Rust · shows its time`. */
export function chipWords(language: LanguageName, options: string): string {
  const words = options.split(/\s+/).filter((option) => option !== '');
  return [LANGUAGE_LABELS[language], ...words.map((option) => OPTIONS.get(option) ?? option)].join(
    ' · ',
  );
}
