/** The fields that `error` messages and failed `execute_reply`s share. */
export interface CellError {
  ename: string;
  evalue: string;
  traceback: string[];
}

/** An error as clients show it. `loss` is what has gone with the process that the error is about. */
export function cellError(error: Pick<Error, 'name' | 'message'>, loss?: string): CellError {
  const { name, message } = error;
  const evalue = loss === undefined ? message : `${message}\n${loss}`;
  return { ename: name, evalue, traceback: [`${name}: ${evalue}`] };
}
