import type { JSONObject } from '@lumino/coreutils';
import { isJsonObject } from '../notebook/jsonObject';
import { LANGUAGES, type LanguageName } from '../language/marker';

/** A variable as a kernel lists it. */
export interface Variable {
  language: LanguageName;
  name: string;
  type: string;
  /** In bytes, where it is known. */
  size?: number;
}

/** A variable's value, or why there is none to show. */
export interface Value {
  /** A MIME bundle. */
  data?: JSONObject;
  problem?: string;
  size?: number;
}

/** Reads the answer to `variables`. A language that cannot tell now keeps those that were known. */
export function parseVariables(answer: unknown, known: readonly Variable[]): Variable[] {
  if (!isJsonObject(answer)) return [...known];
  return LANGUAGES.flatMap((language) => {
    const listed = answer[language];
    return Array.isArray(listed)
      ? listed.flatMap((variable) => parseVariable(variable, language))
      : known.filter((variable) => variable.language === language);
  });
}

/** Reads the answer to `value`. */
export function parseValue(answer: unknown): Value {
  if (!isJsonObject(answer)) return { problem: 'The kernel has no value for it.' };
  const { data, problem, size } = answer;
  return {
    ...(isJsonObject(data) ? { data: data as JSONObject } : {}),
    ...(typeof problem === 'string' ? { problem } : {}),
    ...(typeof size === 'number' ? { size } : {}),
  };
}

/** Bytes as people read them: `24 B`, `1.5 KiB`, `512 MiB`. */
export function byteSize(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let unit = 0;
  let amount = bytes;
  while (amount >= 1024 && unit < units.length - 1) {
    amount /= 1024;
    unit += 1;
  }
  const digits = unit === 0 || amount >= 100 ? 0 : 1;
  return `${amount.toFixed(digits)} ${units[unit] ?? ''}`;
}

function parseVariable(value: unknown, language: LanguageName): Variable[] {
  if (!isJsonObject(value)) return [];
  const { name, type, size } = value;
  if (typeof name !== 'string' || typeof type !== 'string') return [];
  return [{ language, name, type, ...(typeof size === 'number' ? { size } : {}) }];
}
