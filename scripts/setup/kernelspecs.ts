/** The two kernelspecs, written into the environment: Jupyter finds them there without any installation. */

import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KERNELSPECS } from '../../packages/notebook/src/index';
import { layout } from './layout';

export async function writeKernelspecs(): Promise<void> {
  for (const { name, displayName, defaultLanguage: language } of KERNELSPECS) {
    const directory = join(layout.jupyterData, 'kernels', name);
    await mkdir(directory, { recursive: true });
    await cp(join(layout.kernelspecSources, name), directory, { recursive: true });

    const kernelspec = {
      argv: [
        process.execPath,
        layout.kernelBundle,
        '--connection-file',
        '{connection_file}',
        '--default-language',
        language,
        '--python',
        layout.python,
        '--runtime',
        layout.runtimeBinaries,
      ],
      display_name: displayName,
      language,
      interrupt_mode: 'message',
      // jupyter_client reads `supported_encryption` here, and asks for CurveZMQ only where its own
      // `transport_encryption` is `auto` or `required`; it is `disabled` by default.
      metadata: { debugger: true, supported_encryption: 'curve' },
    };
    await writeFile(join(directory, 'kernel.json'), `${JSON.stringify(kernelspec, null, 2)}\n`);
  }
}
