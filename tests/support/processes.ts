import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { PATIENCE } from './waiting';

/** A process of a kernel under test. */
export interface RunningProcess {
  pid: number;
  command: string;
}

/** The processes that have `NAME=value` in their environment, whoever their parent is by now. Zombies do not count. */
export function processesWith(name: string, value: string): RunningProcess[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((entry) => {
      try {
        const environment = readFileSync(`/proc/${entry}/environ`, 'utf8').split('\0');
        if (!environment.includes(`${name}=${value}`)) return [];
        const command = readFileSync(`/proc/${entry}/cmdline`, 'utf8').split('\0').join(' ').trim();
        return command === '' ? [] : [{ pid: Number(entry), command }];
      } catch {
        return []; // it ended, or belongs to somebody else
      }
    });
}

/** How much memory a process holds, in megabytes; `undefined` when it is gone. */
export function residentMb(pid: number): number | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const kilobytes = /^VmRSS:\s*(\d+) kB/m.exec(status)?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) / 1024;
  } catch {
    return undefined;
  }
}

/** Waits until `look` finds something; resolves with what it found, which is nothing when it never does. */
export async function untilSome<T>(look: () => T[]): Promise<T[]> {
  const deadline = performance.now() + PATIENCE;
  for (;;) {
    const found = look();
    if (found.length > 0 || performance.now() > deadline) return found;
    await pause(20);
  }
}

/** Waits until `look` finds nothing, for at most `patience` milliseconds; resolves with what is still there then. */
export async function untilNone<T>(look: () => T[], patience: number): Promise<T[]> {
  const deadline = performance.now() + patience;
  for (;;) {
    const found = look();
    if (found.length === 0 || performance.now() > deadline) return found;
    await pause(20);
  }
}

/** What proc_pid_stat(5) tells of a process or a thread after its name: its state, its parent and so on. */
export function statOf(folder: string): string[] {
  const stat = readFileSync(`${folder}/stat`, 'utf8');
  // The name of the program may hold anything, spaces and parentheses too.
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

/** Stops a process. It is stopped when its last thread is; until then the system does not treat it as stopped. */
export async function stop(pid: number): Promise<void> {
  process.kill(pid, 'SIGSTOP');
  const threads = `/proc/${pid}/task`;
  const left = await untilNone(
    () => readdirSync(threads).filter((thread) => statOf(`${threads}/${thread}`)[0] !== 'T'),
    PATIENCE,
  );
  if (left.length > 0) throw new Error(`process ${pid} does not stop`);
}
