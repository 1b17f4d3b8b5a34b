import { rm } from 'node:fs/promises';

/**
 * Removes a directory that processes which are just ending had open. A process that is killed leaves `/proc` before the
 * last of its threads has finished its system call, which may still make a file: then the directory is not empty after all.
 */
export async function removeTree(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}
