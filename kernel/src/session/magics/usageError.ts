import { type CellError, cellError } from '../../languages/cellError';

/** A wrong use of a magic or a marker, in the form that IPython gives it. */
export function usageError(message: string): { error: CellError } {
  return { error: cellError({ name: 'UsageError', message }) };
}
