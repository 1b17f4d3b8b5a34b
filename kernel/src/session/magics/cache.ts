import { byteSize } from '@ferrobook/notebook';
import type { CacheUsage } from '../../languages/language';
import type { MagicDefinition } from './magic';

export const cache: MagicDefinition = {
  name: 'cache',
  words: ['', 'clear'],
  help: `Show what is kept of compiled Rust cells and crates.

\`\`%cache\`\`        how much, where, the limit, how often something was found
\`\`%cache clear\`\`  remove all of it
`,
  async run(word, targets) {
    const clear = word === 'clear';
    return { 'text/plain': cacheText(await targets.cache(clear), clear) };
  },
};

/** What `%cache` says, or what `%cache clear` says about what is gone. */
function cacheText(usage: CacheUsage | undefined, cleared: boolean): string {
  if (usage === undefined)
    return 'The Rust side does not run, and so nothing is known of its cache.';
  const { directory, problem, entries, bytes, limit, hits, misses } = usage;
  if (directory === null) {
    return 'Compiled Rust cells are not kept (FERROBOOK_CACHE_DIR, or no home directory).';
  }
  if (problem !== null) return `${directory} cannot be used: ${problem}`;
  const size = (amount: number): string => byteSize(amount, 'bytes');
  const amount = `${entries} results, ${size(bytes)}`;
  if (cleared) return `Removed ${amount} from ${directory}.`;
  return [
    `directory  ${directory}`,
    `kept       ${amount} of ${size(limit)} (FERROBOOK_CACHE_SIZE)`,
    `found      ${hits} times, not found ${misses} times since it was last emptied`,
  ].join('\n');
}
