import { setTimeout as sleep } from 'node:timers/promises';

const INTERVAL = 50;

/**
 * Tries assertions until they hold, for what a page shows sooner or later. `limit` is in milliseconds, and more than ten times what
 * it ever takes: it ends what never comes.
 */
export async function eventually(
  assertions: () => void | Promise<void>,
  limit = 60_000,
): Promise<void> {
  const deadline = Date.now() + limit;
  for (;;) {
    try {
      await assertions();
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await sleep(INTERVAL);
    }
  }
}
