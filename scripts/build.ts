/** The kernel as one file for Node: `kernel/dist/ferrobook-kernel.cjs`. */

import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { layout, root } from './setup/layout';

/** Bundles the kernel; returns whether anything changed. Files are replaced whole, so a starting kernel never reads half. */
export async function buildKernelBundle(): Promise<boolean> {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [layout.kernelSource],
    outfile: layout.kernelBundle,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    conditions: ['source'], // of the packages in this repository
    external: ['zeromq'], // it loads a native library from beside its own files
    sourcemap: true,
    write: false,
    logLevel: 'silent',
  });

  await mkdir(dirname(layout.kernelBundle), { recursive: true });
  let changed = false;
  for (const { path, contents } of outputFiles) {
    if (await holds(path, contents)) continue;
    await writeFile(`${path}.new`, contents);
    await rename(`${path}.new`, path);
    changed = true;
  }
  return changed;
}

async function holds(path: string, contents: Uint8Array): Promise<boolean> {
  try {
    return (await readFile(path)).equals(contents);
  } catch {
    return false;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await buildKernelBundle();
}
