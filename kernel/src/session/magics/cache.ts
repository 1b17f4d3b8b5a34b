/** What a language keeps of what it has compiled. */
export interface CacheUsage {
  /** Where; `null` when nothing is kept. */
  readonly directory: string | null;
  /** Why it cannot be used. */
  readonly problem: string | null;
  readonly entries: number;
  readonly bytes: number;
  /** How many bytes there may be. */
  readonly limit: number;
  readonly hits: number;
  readonly misses: number;
}

/** What `%cache` says, or what `%cache clear` says about what is gone. */
export function cacheText(usage: CacheUsage | undefined, cleared: boolean): string {
  if (usage === undefined)
    return 'The Rust side does not run, and so nothing is known of its cache.';
  const { directory, problem, entries, bytes, limit, hits, misses } = usage;
  if (directory === null) {
    return 'Compiled Rust cells are not kept (FERROBOOK_CACHE_DIR, or no home directory).';
  }
  if (problem !== null) return `${directory} cannot be used: ${problem}`;
  const amount = `${entries} results, ${size(bytes)}`;
  if (cleared) return `Removed ${amount} from ${directory}.`;
  return [
    `directory  ${directory}`,
    `kept       ${amount} of ${size(limit)} (FERROBOOK_CACHE_SIZE)`,
    `found      ${hits} times, not found ${misses} times since it was last emptied`,
  ].join('\n');
}

function size(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
  let unit = 0;
  let amount = bytes;
  while (amount >= 1024 && unit < units.length - 1) {
    amount /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? amount : amount.toFixed(1)} ${units[unit]}`;
}
