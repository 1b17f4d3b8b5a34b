/** `npm run wheel`: builds everything and packs it into a wheel for this platform, in `wheels/`. */

import { leave, leaveOnSignals, run } from './processes';
import { layout, root, type Tools } from './setup/layout';
import { setUp } from './setup/setUp';

export async function main(tools: Tools): Promise<void> {
  leaveOnSignals((usual) => usual);
  if (!(await setUp(tools, 'everything'))) await leave(1);
  const { failed } = await run(
    layout.python,
    ['-m', 'pip', 'wheel', '--no-deps', '--no-build-isolation', '--wheel-dir', 'wheels', '.'],
    { cwd: root, stdin: 'ignore', stdout: 'inherit', stderr: 'inherit' },
  );
  await leave(failed ? 1 : 0);
}
