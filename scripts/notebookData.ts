/** What Python needs of `packages/notebook`, as `kernel/python/ferrobook/notebook.json`. Made by `npm run generate`. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as prettier from 'prettier';
import * as notebook from '../packages/notebook/src/index';
import { root } from './setup/layout';

export const notebookDataFile = join(root, 'kernel/python/ferrobook/notebook.json');

/** The text of the file. */
export async function notebookData(): Promise<string> {
  const options: readonly notebook.CellOption[] = notebook.CELL_OPTIONS;
  const data = {
    languages: notebook.LANGUAGE_LABELS,
    kernelspecs: notebook.KERNELSPECS,
    marker: notebook.MARKER_PATTERN,
    comment: notebook.COMMENT_PATTERN,
    metadataKey: notebook.METADATA_KEY,
    timing: {
      version: notebook.TIMING_VERSION,
      mime: notebook.TIMING_MIME,
      // Phases that the line below a cell leaves out below these milliseconds; `null` for always.
      shownFrom: Object.fromEntries(
        notebook.PHASES.map(({ name, shownFrom: { line } }) => [
          name,
          Number.isFinite(line) ? line : null,
        ]),
      ),
      remarks: options.flatMap(({ name, usual, remark }) =>
        remark === undefined ? [] : [{ option: name, usual, remark }],
      ),
    },
  };
  const config = (await prettier.resolveConfig(notebookDataFile)) ?? {};
  return prettier.format(JSON.stringify(data), { ...config, parser: 'json' });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await writeFile(notebookDataFile, await notebookData());
}
