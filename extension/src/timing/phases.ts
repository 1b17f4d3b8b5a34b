/** The phases of a cell in order, in the colours of the kernel's tables. */
export const PHASE_COLOURS: ReadonlyMap<string, string> = new Map([
  ['start', '#c9c27a'],
  ['compile', '#e0823d'],
  ['snapshot', '#8e6bbf'],
  ['run', '#3b82c4'],
  ['relay', '#9aa0a6'],
]);

/** A phase's colour; those that are not known share one. */
export function phaseColour(name: string): string {
  return PHASE_COLOURS.get(name) ?? '#888';
}
