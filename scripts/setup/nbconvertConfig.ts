/** Tells nbconvert which language a marked cell is in, and that its pages show the times that a notebook has. */

import { copyFile, mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { layout } from './layout';

export async function writeNbconvertConfig(): Promise<void> {
  await mkdir(layout.jupyterConfig, { recursive: true });
  await copyFile(
    layout.nbconvertConfig,
    join(layout.jupyterConfig, basename(layout.nbconvertConfig)),
  );
}
