import { readlinkSync } from 'node:fs';
import type { Kernel } from './kernel';
import { statOf } from './processes';

/** What the processes of a kernel are called here; each but the first is a child of one before it. */
export type Role =
  | 'kernel'
  | 'ipykernel'
  | 'host'
  | 'keeper'
  | 'holder'
  | 'snapshot'
  | 'cargo shim'
  | 'cargo'
  | 'rustc wrapper'
  | 'rustc';

/** Which process has which role at this moment, told by its program and its parent. */
export function roles(kernel: Kernel): Map<Role, number> {
  const processes = kernel.process.processes().flatMap(({ pid, command }) => {
    const parent = parentOf(pid);
    return parent === undefined ? [] : [{ pid, command, parent, program: programOf(pid) }];
  });
  const found = new Map<Role, number>();
  const assign = (
    role: Role,
    parent: Role | undefined | Role[],
    fits: (of: Candidate) => boolean,
  ): void => {
    const parents = [parent ?? []].flat().map((known) => found.get(known));
    const candidates = processes.filter(
      (process) => (parent === undefined || parents.includes(process.parent)) && fits(process),
    );
    // The newest one: snapshots that are no longer needed take a moment to go.
    const pid = candidates.map((candidate) => candidate.pid).sort((a, b) => b - a)[0];
    if (pid !== undefined) found.set(role, pid);
  };
  const isCell = ({ program }: Candidate): boolean => program === 'ferrobook-cell';
  assign('kernel', undefined, ({ command }) => command.includes('ferrobook-kernel.cjs'));
  assign('ipykernel', 'kernel', ({ command }) => command.includes('launch.py'));
  assign('host', 'kernel', ({ program }) => program === 'ferrobook-runtime');
  assign('keeper', 'host', isCell);
  assign('holder', 'keeper', isCell);
  assign('snapshot', 'holder', isCell);
  assign('cargo shim', 'host', ({ program }) => program === 'ferrobook-shim');
  assign('cargo', 'cargo shim', ({ program }) => program === 'cargo');
  const compiles = ({ command }: Candidate): boolean => command.includes('--crate-name ctx');
  // cargo is asked only when something has changed that it looks at.
  assign(
    'rustc wrapper',
    ['cargo shim', 'cargo'],
    (process) => process.program === 'ferrobook-rustc' && compiles(process),
  );
  assign('rustc', 'rustc wrapper', compiles);
  return found;
}

interface Candidate {
  program: string;
  command: string;
}

function parentOf(pid: number): number | undefined {
  try {
    return Number(statOf(`/proc/${pid}`)[1]);
  } catch {
    return undefined;
  }
}

function programOf(pid: number): string {
  try {
    return (readlinkSync(`/proc/${pid}/exe`).split('/').at(-1) ?? '').replace(/ \(deleted\)$/, '');
  } catch {
    return '';
  }
}
