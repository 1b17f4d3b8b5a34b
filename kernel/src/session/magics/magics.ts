import { cache } from './cache';
import { ferrobook } from './ferrobook';
import type { MagicDefinition } from './magic';
import { restart } from './restart';
import { timing } from './timing';

/** All line magics of the bridge, in the order in which they are completed. */
export const MAGICS: readonly MagicDefinition[] = [timing, restart, ferrobook, cache];
