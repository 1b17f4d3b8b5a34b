import type { LanguageName } from './language.js';

/** A kernelspec of Ferrobook's (jupyter_client, "Kernel specs"). */
export interface Kernelspec {
  /** The name of its directory, by which notebooks refer to it. */
  readonly name: string;
  readonly displayName: string;
  /** The language of cells without a marker. */
  readonly defaultLanguage: LanguageName;
}

/** All of Ferrobook's kernelspecs; the first one is used where none is named. */
export const KERNELSPECS: readonly [Kernelspec, ...Kernelspec[]] = [
  { name: 'ferrobook', displayName: 'Python + Rust', defaultLanguage: 'python' },
  { name: 'ferrobook-rust', displayName: 'Rust + Python', defaultLanguage: 'rust' },
];

/** The default language of a kernelspec; `undefined` where it is none of Ferrobook's. */
export function defaultLanguageOf(kernelspec: string): LanguageName | undefined {
  return KERNELSPECS.find(({ name }) => name === kernelspec)?.defaultLanguage;
}
