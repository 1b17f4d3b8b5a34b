import type { CellOption } from './cellOption.js';
import { CELL_OPTIONS } from './cellOptions.js';
import type { LanguageName } from './language.js';

/** An option, as the list declares it. */
type Declared = (typeof CELL_OPTIONS)[number];

/** What a cell's marker line asks for: a value for every option. It travels as it is, to the language and to its processes. */
export type CellOptions = Readonly<Record<Declared['name'], boolean>>;

/** The options that a language's marker takes. */
export function optionsOf(language: LanguageName): CellOption[] {
  return allOptions().filter(({ languages }) => languages.includes(language));
}

/** All that was asked for, and the usual value for the rest. */
export function withUsual(asked: Partial<CellOptions>): CellOptions {
  const usual = Object.fromEntries(allOptions().map((option) => [option.name, option.usual]));
  return { ...usual, ...asked } as CellOptions;
}

/** The options that the time of a cell has to mention. */
export function remarkable(options: Partial<CellOptions>): Record<string, boolean> {
  const given = Object.entries(options).filter(([name, value]) =>
    allOptions().some(
      (option) => option.name === name && option.remark !== undefined && option.usual !== value,
    ),
  );
  return Object.fromEntries(given);
}

/** What is said of the options of a cell beside its time. */
export function optionRemarks(options: Readonly<Record<string, unknown>>): string[] {
  return allOptions().flatMap(({ name, remark, usual }) =>
    remark !== undefined && typeof options[name] === 'boolean' && options[name] !== usual
      ? [remark]
      : [],
  );
}

/** An option in words, as it stands on a chip; what is no option is shown as it is written. */
export function wordsOf(written: string): string {
  const isMeant = ({ flags }: CellOption): boolean => flags.split(/,\s*/).includes(written);
  return allOptions().find(isMeant)?.words ?? written;
}

function allOptions(): readonly CellOption[] {
  return CELL_OPTIONS;
}
