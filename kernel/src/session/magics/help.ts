import type { LineMagic } from '../../languages/python/childKernel';
import { MAGICS } from '../magics';

/** What `%name?` shows in a Python cell. */
const HELP: Record<(typeof MAGICS)[number], string> = {
  timing: `Show how long the cells of this session took, Python and Rust alike.

\`\`%timing\`\`        the table of all cells: phases, totals per language
\`\`%timing on\`\`     show each cell's time below its output from now on
\`\`%timing off\`\`    stop showing it
\`\`%timing reset\`\`  forget the cells so far`,
  restart: `Start one language afresh; the other keeps everything.

\`\`%restart rust\`\`    its variables, items and crates go
\`\`%restart python\`\`  its variables and imports go`,
  ferrobook: `Show what the kernel is made of: processes, versions, memory, the log's path.

\`\`%ferrobook status\`\``,
  cache: `Show what is kept of compiled Rust cells and crates.

\`\`%cache\`\`        how much, where, the limit, how often something was found
\`\`%cache clear\`\`  remove all of it`,
};

/** The magics as IPython has to know them. */
export const LINE_MAGICS: readonly LineMagic[] = MAGICS.map((name) => ({ name, help: HELP[name] }));
