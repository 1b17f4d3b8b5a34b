import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

const PREFIX = 'ferrobook-';

/** Says whose directory it is. */
const OWNER = 'owner.json';

/**
 * Makes the directory for sockets, keys and what is compiled, readable by this user only. It goes when the process
 * exits; what killed kernels left behind goes now.
 */
export async function makePrivateDirectory(): Promise<string> {
  removeAbandoned();
  // mkdtemp makes directories with mode 0700.
  const directory = await mkdtemp(path.join(os.tmpdir(), PREFIX));
  writeFileSync(
    path.join(directory, OWNER),
    JSON.stringify({ pid: process.pid, host: os.hostname() }),
  );
  process.on('exit', () => remove(directory));
  return directory;
}

/** Removes the directories of kernels of this machine that are no longer alive. */
function removeAbandoned(): void {
  for (const name of readdirSync(os.tmpdir())) {
    if (!name.startsWith(PREFIX)) continue;
    const directory = path.join(os.tmpdir(), name);
    if (isAbandoned(directory)) remove(directory);
  }
}

function isAbandoned(directory: string): boolean {
  try {
    const owner = JSON.parse(readFileSync(path.join(directory, OWNER), 'utf8')) as {
      pid?: unknown;
      host?: unknown;
    };
    // Containers may share the temporary directory, but not their process ids.
    if (typeof owner.pid !== 'number' || owner.host !== os.hostname()) return false;
    process.kill(owner.pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

function remove(directory: string): void {
  try {
    rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
  } catch {
    // Another user's, or a process of ours is still writing: the next start tries again.
  }
}
