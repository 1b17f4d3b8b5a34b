import { isJsonObject, type JsonObject } from '../json.js';
import { LANGUAGES, type LanguageName } from '../language.js';

/** A variable of the user's, as the kernel lists it. */
export interface Variable {
  readonly name: string;
  readonly type: string;
  /** The bytes that it takes, where they are known without looking at it. */
  readonly size?: number | null;
}

/** What there is to show of a variable, shortened where it is large, or why there is nothing. */
export interface VariableValue {
  /** A MIME bundle. */
  readonly data?: JsonObject;
  readonly problem?: string;
  /** In bytes. */
  readonly size?: number;
}

/** A variable that was read out of an answer. */
export interface ListedVariable {
  language: LanguageName;
  name: string;
  type: string;
  /** In bytes, where it is known. */
  size?: number;
}

/** Reads the answer to `variables`. A language that cannot tell now keeps those that were known. */
export function parseVariables(
  answer: unknown,
  known: readonly ListedVariable[],
): ListedVariable[] {
  if (!isJsonObject(answer)) return [...known];
  return LANGUAGES.flatMap((language) => {
    const listed = answer[language];
    return Array.isArray(listed)
      ? listed.flatMap((variable) => parseVariable(variable, language))
      : known.filter((variable) => variable.language === language);
  });
}

/** Reads the answer to `value`. */
export function parseValue(answer: unknown): VariableValue {
  if (!isJsonObject(answer)) return { problem: 'The kernel has no value for it.' };
  const { data, problem, size } = answer;
  return {
    ...(isJsonObject(data) ? { data } : {}),
    ...(typeof problem === 'string' ? { problem } : {}),
    ...(typeof size === 'number' ? { size } : {}),
  };
}

function parseVariable(value: unknown, language: LanguageName): ListedVariable[] {
  if (!isJsonObject(value)) return [];
  const { name, type, size } = value;
  if (typeof name !== 'string' || typeof type !== 'string') return [];
  return [{ language, name, type, ...(typeof size === 'number' ? { size } : {}) }];
}
