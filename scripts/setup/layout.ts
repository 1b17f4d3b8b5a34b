/** Where set-up finds and puts things. Everything it makes is ignored by git and can be deleted at any time. */

import { join } from 'node:path';

export const root = join(import.meta.dirname, '../..');

const environment = join(root, '.venv');
const runtime = join(root, 'rust-runtime');

export const layout = {
  environment,
  python: join(environment, 'bin/python'),
  /** `ferrobook`. */
  command: join(environment, 'bin/ferrobook'),
  /** Where Jupyter looks for kernelspecs and lab extensions of this environment. */
  jupyterData: join(environment, 'share/jupyter'),
  jupyterConfig: join(environment, 'etc/jupyter'),
  requirements: join(root, 'scripts/python/requirements.lock'),
  pyproject: join(root, 'pyproject.toml'),
  nbconvertConfig: join(root, 'scripts/nbconvert/jupyter_nbconvert_config.json'),
  kernelspecSources: join(root, 'scripts/kernelspecs'),

  kernelSource: join(root, 'kernel/src/main.ts'),
  kernelBundle: join(root, 'kernel/dist/ferrobook-kernel.cjs'),

  runtime,
  runtimeBinaries: join(runtime, 'target/release'),

  notebookPackage: join(root, 'packages/notebook'),
  extension: join(root, 'extension'),
  examples: join(root, 'examples'),
  conformance: join(root, 'tests/conformance'),
} as const;

/** What bootstrap.mjs found on the machine. */
export interface Tools {
  /** The Python that makes the environment. */
  readonly python: string;
}
