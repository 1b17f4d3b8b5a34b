import type { MimeBundle } from '../../languages/language';
import { renderTable } from '../../timing/render';
import type { MagicDefinition } from './magic';

export const timing: MagicDefinition = {
  name: 'timing',
  words: ['', 'on', 'off', 'reset'],
  help: `Show how long the cells of this session took, Python and Rust alike.

\`\`%timing\`\`        the table of all cells: phases, totals per language
\`\`%timing on\`\`     show each cell's time below its output from now on
\`\`%timing off\`\`    stop showing it
\`\`%timing reset\`\`  forget the cells so far
`,
  run(word, { ledger }): MimeBundle {
    switch (word) {
      case 'on':
        ledger.shown = true;
        return { 'text/plain': 'Each cell shows its time from now on; %timing off ends it.' };
      case 'off':
        ledger.shown = false;
        return { 'text/plain': 'Cells no longer show their time.' };
      case 'reset':
        ledger.reset();
        return { 'text/plain': 'The timing table is empty.' };
      default:
        return renderTable(ledger.table());
    }
  },
};
