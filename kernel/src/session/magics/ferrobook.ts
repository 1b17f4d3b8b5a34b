import { statusText } from '../kernelStatus';
import type { MagicDefinition } from './magic';

export const ferrobook: MagicDefinition = {
  name: 'ferrobook',
  words: ['status'],
  help: `Show what the kernel is made of: processes, versions, memory, the log's path.

\`\`%ferrobook status\`\`
`,
  async run(_word, targets) {
    return { 'text/plain': statusText(await targets.status()) };
  },
};
