import { optionRemarks } from '../givenOptions.js';
import type { Build } from './record.js';

/** What a reader must know to compare a cell's time with another's, but for where its code came from. */
export function remarks({
  build,
  options,
}: {
  build: Build | null;
  options?: Readonly<Record<string, unknown>>;
}): string[] {
  // Records that were saved before options were in them have only what the compiler did.
  const given = { ...(build?.debug === true ? { debug: true } : {}), ...options };
  return [
    ...optionRemarks(given),
    ...(typeof build?.targetCpu === 'string' ? [`for ${build.targetCpu}`] : []),
  ];
}
