/** The languages of a notebook's cells. */
export const LANGUAGES = ['python', 'rust'] as const;
export type LanguageName = (typeof LANGUAGES)[number];

/** What people call the languages. */
export const LANGUAGE_LABELS: Readonly<Record<LanguageName, string>> = {
  python: 'Python',
  rust: 'Rust',
};

/** What people call a language of which only the name is known, such as that of a saved record. */
export function languageLabel(name: string): string {
  const known = languageNamed(name);
  return known === undefined ? name : LANGUAGE_LABELS[known];
}

/** The language of this name. */
export function languageNamed(name: unknown): LanguageName | undefined {
  return LANGUAGES.find((known) => known === name);
}
