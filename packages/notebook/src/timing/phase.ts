/** Part of a cell's time; phases do not overlap. */
export interface Phase {
  /** The name of one of {@link PHASES}. */
  name: string;
  /** Wall-clock milliseconds. */
  ms: number;
}

/** A kind of phase, and how it is shown. */
export interface PhaseKind {
  readonly name: string;
  /** Readable on light and dark pages alike. */
  readonly colour: string;
  /** Most cells do not have it, so that tables have no column for it unless one has. */
  readonly isRare?: boolean;
  /**
   * Milliseconds from which on it is named: in the kernel's tables, and in the line below a cell. `Infinity`: only the bar
   * and the tooltip show it.
   */
  readonly shownFrom: { readonly table: number; readonly line: number };
}

/** What takes any time at all. */
const ALWAYS = Number.MIN_VALUE;

/** The phases of a cell in their order. */
export const PHASES: readonly PhaseKind[] = [
  // The wait for a language that was still coming up.
  { name: 'start', colour: '#c9c27a', isRare: true, shownFrom: { table: 1, line: 0 } },
  { name: 'compile', colour: '#e0823d', shownFrom: { table: ALWAYS, line: 0 } },
  // The copy of the process that runs the cell.
  { name: 'snapshot', colour: '#8e6bbf', isRare: true, shownFrom: { table: 1, line: 1 } },
  { name: 'run', colour: '#3b82c4', shownFrom: { table: ALWAYS, line: 0 } },
  // What passed between the processes.
  { name: 'relay', colour: '#9aa0a6', shownFrom: { table: ALWAYS, line: Infinity } },
];

/** A phase's colour; those that are not known share one. */
export function phaseColour(name: string): string {
  return PHASES.find((phase) => phase.name === name)?.colour ?? '#888';
}

/** Whether this place names the phase. */
export function isShown({ name, ms }: Phase, place: keyof PhaseKind['shownFrom']): boolean {
  const from = PHASES.find((phase) => phase.name === name)?.shownFrom[place];
  return ms >= (from ?? (place === 'table' ? ALWAYS : 0));
}

/** How long a cell was in the phases of this name, in milliseconds. */
export function msIn({ phases }: { phases: readonly Phase[] }, name: string): number {
  return phases.filter((phase) => phase.name === name).reduce((sum, { ms }) => sum + ms, 0);
}
