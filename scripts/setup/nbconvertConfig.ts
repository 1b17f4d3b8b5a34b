/** Tells nbconvert which language a marked cell is in, so that exported pages colour it. */

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { layout } from './layout';

/** Markers and the names of their Pygments lexers. */
const LANGUAGES = { '%%rust': 'rust', '%%python': 'python' };

export async function writeNbconvertConfig(): Promise<void> {
  const config = { HighlightMagicsPreprocessor: { enabled: true, languages: LANGUAGES } };
  await mkdir(layout.jupyterConfig, { recursive: true });
  await writeFile(
    join(layout.jupyterConfig, 'jupyter_nbconvert_config.json'),
    `${JSON.stringify(config, null, 2)}\n`,
  );
}
