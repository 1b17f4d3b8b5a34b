import { type ChildProcess, execFileSync, spawn } from 'node:child_process';

/** How many endless loops share the one core that a starved process is left with. */
const RIVALS = 2;

/** A loop that ends by itself after five minutes, should nobody be left to end it. */
const BURN = 'for (const end = Date.now() + 300_000; Date.now() < end; );';

/**
 * Leaves a process one core, and others that never rest on the same one. Any user may do that, unlike giving a
 * process a better priority than the rest. Returns what ends it.
 */
export function starve(pid: number): () => void {
  const before = affinity(pid);
  const core = before.split(/[,-]/)[0] ?? '0';
  pin(pid, core);
  const rivals: ChildProcess[] = Array.from({ length: RIVALS }, () =>
    // Each in a session of its own, or the scheduler would count them as one.
    spawn('taskset', ['-c', core, process.execPath, '-e', BURN], {
      detached: true,
      stdio: 'ignore',
    }),
  );
  return () => {
    for (const rival of rivals) rival.kill('SIGKILL');
    pin(pid, before);
  };
}

function affinity(pid: number): string {
  // "pid 1's current affinity list: 0,1"
  const said = execFileSync('taskset', ['-c', '-p', String(pid)], { encoding: 'utf8' });
  return said.slice(said.indexOf(':') + 1).trim();
}

/** All threads of a process; one that is gone is no error. */
function pin(pid: number, cores: string): void {
  try {
    execFileSync('taskset', ['-a', '-c', '-p', cores, String(pid)], { stdio: 'ignore' });
  } catch {
    // it ended
  }
}
