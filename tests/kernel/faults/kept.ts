import { LANGUAGES, type LanguageName } from '@ferrobook/notebook';
import type { Kernel } from '../../support/kernel';

/** A variable of each language that has to outlive what goes wrong. */
export const KEPT = {
  python: { set: 'kept = "by Python"', get: 'kept', shows: "'by Python'", missing: 'NameError' },
  rust: {
    set: '%%rust\nlet kept = "by Rust";',
    get: '%%rust\nkept',
    shows: '"by Rust"',
    missing: 'E0425',
  },
} as const;

/** Defines the variable of one language. */
export async function define(kernel: Kernel, language: LanguageName): Promise<void> {
  await expect(kernel.execute(KEPT[language].set)).toShow();
}

/** Defines those of both. */
export async function defineBoth(kernel: Kernel): Promise<void> {
  for (const language of LANGUAGES) await define(kernel, language);
}

/** The variable is as it was; `cell` is one that shows it. */
export async function expectKept(
  kernel: Kernel,
  language: LanguageName,
  cell = kernel.execute(KEPT[language].get),
): Promise<void> {
  await expect(cell).toShow({ result: { 'text/plain': KEPT[language].shows } });
}

/** Those of both languages are as they were. */
export async function expectBothKept(kernel: Kernel): Promise<void> {
  for (const language of LANGUAGES) await expectKept(kernel, language);
}
