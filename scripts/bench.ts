/** `npm run bench`: sets everything up and takes the figures; arguments name single ones. */

import { join } from 'node:path';
import { leave, leaveOnSignals, run } from './processes';
import { layout, root, type Tools } from './setup/layout';
import { setUp } from './setup/setUp';

export async function main(tools: Tools, args: string[]): Promise<void> {
  leaveOnSignals((usual) => usual);
  if (!(await setUp(tools, 'everything'))) await leave(1);
  const { failed } = await run(layout.python, [join(root, 'tests/bench/bench.py'), ...args], {
    stdin: 'ignore',
    stdout: 'inherit',
    stderr: 'inherit',
  });
  await leave(failed ? 1 : 0);
}
