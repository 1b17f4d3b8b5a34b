/**
 * How long anything may take before a test gives up, in milliseconds: far longer than on the slowest machine, because it only
 * ends what would never come. It is shorter than jest's limit, so that the reason is shown.
 */
export const PATIENCE = 120_000;

/** Something that changes, and that tests wait for. */
export class Changing {
  private readonly watchers = new Set<() => void>();

  /** To be called after every change. */
  changed(): void {
    for (const watcher of [...this.watchers]) watcher();
  }

  /** Resolves with what `look` finds, as soon as it is not `undefined`. `describe` tells what was there instead. */
  async until<T>(what: string, look: () => T | undefined, describe: () => string): Promise<T> {
    const found = look();
    if (found !== undefined) return found;
    return new Promise<T>((resolve, reject) => {
      const stop = (): void => {
        clearTimeout(timer);
        this.watchers.delete(watcher);
      };
      const timer = setTimeout(() => {
        stop();
        reject(new Error(`waited ${PATIENCE / 1000} s for ${what}; ${describe()}`));
      }, PATIENCE);
      const watcher = (): void => {
        const value = look();
        if (value === undefined) return;
        stop();
        resolve(value);
      };
      this.watchers.add(watcher);
    });
  }
}

/** `promise`, or an error that says what did not come. */
export async function inTime<T>(what: string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`waited ${PATIENCE / 1000} s for ${what}`));
    }, PATIENCE);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
