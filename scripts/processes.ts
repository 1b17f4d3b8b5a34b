/**
 * Every process that a script starts, so that none outlives it. Each child leads a process group of its own: a Ctrl-C
 * in the terminal reaches only the script, which ends the groups in order.
 */

import { execa, type Options } from 'execa';
import pidtree from 'pidtree';

/** How many milliseconds children may take to end after SIGTERM. Jupyter gives its kernels most of this time. */
let patience = 6000;

const running = new Set<number>();

const grouped = execa({ detached: true, cleanup: false, reject: false });

/** Starts a command as `execa` does. It never rejects; look at `failed`. */
export function run<T extends Options>(command: string, args: string[], options: T) {
  const child = grouped(command, args, options);
  const { pid } = child;
  if (pid !== undefined) {
    running.add(pid);
    void Promise.resolve(child).then(() => running.delete(pid));
  }
  return child;
}

const SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;
let leaving = false;

/** Ends all children and then this process. The first caller decides the exit code; nothing after a call runs. */
export async function leave(code: number): Promise<never> {
  if (leaving) return new Promise<never>(() => undefined);
  leaving = true;
  await endAll();
  process.exit(code);
}

/** Whether {@link leave} has been called, so that children fail because they are being ended. */
export function isLeaving(): boolean {
  return leaving;
}

/** Leaves on Ctrl-C, SIGTERM and SIGHUP with the code that `exitCode` gives then; a second signal ends the patience. */
export function leaveOnSignals(exitCode: (usual: number) => number): void {
  let first: number | undefined;
  for (const [name, number] of Object.entries(SIGNALS)) {
    process.on(name, () => {
      first ??= Date.now();
      if (!leaving) void leave(exitCode(128 + number));
      // npm passes on a Ctrl-C that the terminal has already sent to us.
      else if (Date.now() - first > 500) patience = 0;
    });
  }
  // A terminal that was closed takes no more output; ending in order matters more.
  process.stdout.on('error', () => undefined);
  process.stderr.on('error', () => undefined);
}

/** Ends every child and everything that the children started, politely first. */
async function endAll(): Promise<void> {
  const leaders = [...running];
  const family = (await Promise.all(leaders.map(descendants))).flat();
  for (const leader of leaders) signal(-leader, 'SIGTERM');

  const started = Date.now();
  while (Date.now() < started + patience && [...leaders, ...family].some(isAlive)) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  for (const leader of leaders) signal(-leader, 'SIGKILL');
  for (const pid of family) signal(pid, 'SIGKILL');
}

/** Children of a process at any depth, kernels in sessions of their own included. */
async function descendants(pid: number): Promise<number[]> {
  try {
    return await pidtree(pid);
  } catch {
    return []; // it is gone already, or this machine has no `ps`
  }
}

function isAlive(pid: number): boolean {
  return signal(pid, 0);
}

function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false; // it is gone already
  }
}
