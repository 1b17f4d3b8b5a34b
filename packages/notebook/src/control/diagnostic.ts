import { isJsonObject } from '../json.js';

/** One thing that the compiler says about a cell. */
export interface Diagnostic {
  severity: 'error' | 'warning';
  message: string;
  /** The whole report, as the traceback of a failed cell shows it. */
  rendered: string;
  /** Places in the cell. None for an error in code of an earlier cell. */
  spans: readonly (Range & { primary: boolean })[];
  fixes: readonly Fix[];
}

/** A change that would help. The edits do not overlap. */
export interface Fix {
  message: string;
  /** Whether the compiler knows that it is what was meant, or supposes so. */
  sure: boolean;
  edits: readonly (Range & { text: string })[];
}

/** A piece of a cell. Lines and columns count from 1, columns count Unicode code points. */
export interface Range {
  start: Position;
  end: Position;
}

export interface Position {
  line: number;
  column: number;
}

/** Reads diagnostics out of what a kernel says, which may be older or newer than this. What is none is left out. */
export function parseDiagnostics(value: unknown): Diagnostic[] | undefined {
  return Array.isArray(value) ? parseAll(value, parseDiagnostic) : undefined;
}

function parseDiagnostic(value: unknown): Diagnostic | undefined {
  if (!isJsonObject(value)) return undefined;
  const { severity, message, rendered, spans, fixes } = value;
  if (severity !== 'error' && severity !== 'warning') return undefined;
  if (typeof message !== 'string' || typeof rendered !== 'string') return undefined;
  return {
    severity,
    message,
    rendered,
    spans: parseAll(spans, parseSpan),
    fixes: parseAll(fixes, parseFix),
  };
}

function parseSpan(value: unknown): Diagnostic['spans'][number] | undefined {
  const range = parseRange(value);
  return range === undefined || !isJsonObject(value)
    ? undefined
    : { ...range, primary: value['primary'] === true };
}

/** A fix of which a part is not understood is none. */
function parseFix(value: unknown): Fix | undefined {
  if (!isJsonObject(value)) return undefined;
  const { message, sure, edits } = value;
  if (typeof message !== 'string' || !Array.isArray(edits)) return undefined;
  const parsed = parseAll(edits, parseEdit);
  return parsed.length === edits.length
    ? { message, sure: sure === true, edits: parsed }
    : undefined;
}

function parseEdit(value: unknown): Fix['edits'][number] | undefined {
  const range = parseRange(value);
  if (range === undefined || !isJsonObject(value)) return undefined;
  const { text } = value;
  return typeof text === 'string' ? { ...range, text } : undefined;
}

function parseRange(value: unknown): Range | undefined {
  if (!isJsonObject(value)) return undefined;
  const [start, end] = [parsePosition(value['start']), parsePosition(value['end'])];
  return start === undefined || end === undefined ? undefined : { start, end };
}

function parsePosition(value: unknown): Position | undefined {
  if (!isJsonObject(value)) return undefined;
  const { line, column } = value;
  return isCount(line) && isCount(column) ? { line, column } : undefined;
}

function isCount(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) > 0;
}

function parseAll<T>(values: unknown, parse: (value: unknown) => T | undefined): T[] {
  return Array.isArray(values)
    ? values.map(parse).filter((parsed): parsed is Awaited<T> & T => parsed !== undefined)
    : [];
}
