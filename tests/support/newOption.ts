import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import type { CellOption } from '@ferrobook/notebook';
import { build } from 'esbuild';

const ROOT = path.join(__dirname, '../..');

/** An option that changes nothing, as a feature would declare its own. */
export const NEW_OPTION: CellOption = {
  name: 'idle',
  flags: '--idle',
  languages: ['rust'],
  help: 'change nothing about this cell',
  words: 'changes nothing',
  remark: 'with nothing changed',
  usual: false,
};

/**
 * A kernel with {@link NEW_OPTION} in the list of options, and nothing else changed. It stands beside the usual bundle,
 * where it finds its packages.
 */
export class KernelWithNewOption {
  readonly bundle = path.join(ROOT, `kernel/dist/ferrobook-kernel-${process.pid}.cjs`);

  async make(): Promise<void> {
    await build({
      absWorkingDir: ROOT,
      entryPoints: ['kernel/src/main.ts'],
      outfile: this.bundle,
      bundle: true,
      platform: 'node',
      target: 'node20',
      format: 'cjs',
      conditions: ['source'],
      external: ['zeromq'],
      logLevel: 'silent',
      plugins: [
        {
          name: 'new-option',
          setup(building) {
            building.onLoad({ filter: /notebook\/src\/cellOptions\.ts$/ }, async (args) => {
              const list = await readFile(args.path, 'utf8');
              const end = list.lastIndexOf('] as const');
              const contents = `${list.slice(0, end)}${JSON.stringify(NEW_OPTION)},\n${list.slice(end)}`;
              return { contents, loader: 'ts' };
            });
          },
        },
      ],
    });
  }

  async remove(): Promise<void> {
    await rm(this.bundle, { force: true });
  }
}
