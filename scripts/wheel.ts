/** `npm run wheel`: builds everything and packs it into a wheel for this platform, in `dist/`. */

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { leave, leaveOnSignals, run } from './processes';
import { layout, root, type Tools } from './setup/layout';
import { setUp } from './setup/setUp';

export async function main(tools: Tools): Promise<void> {
  leaveOnSignals((usual) => usual);
  if (!(await setUp(tools, 'everything'))) await leave(1);
  // Of two versions, `pip install dist/ferrobook-*.whl` would find both.
  await rm(join(root, 'dist'), { recursive: true, force: true });
  const { failed } = await run(
    layout.python,
    ['-m', 'pip', 'wheel', '--no-deps', '--no-build-isolation', '--wheel-dir', 'dist', '.'],
    { cwd: root, stdin: 'ignore', stdout: 'inherit', stderr: 'inherit' },
  );
  await leave(failed ? 1 : 0);
}
