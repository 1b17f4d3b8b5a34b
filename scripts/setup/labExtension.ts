/** The JupyterLab extension: built by its own `build` script and linked into the environment. */

import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { run } from '../processes';
import { layout, root } from './layout';
import { fingerprint, isUpToDate, stamp } from './stamps';
import { StepError, type Progress } from './step';

interface PackageJson {
  name: string;
  scripts?: Record<string, string>;
  jupyterlab?: { outputDir?: string };
}

/** Folders that are made by builds and tests, or that no build reads. */
const NOT_INPUTS = new Set(['node_modules', 'lib', 'dist', 'ui-tests']);

export function hasLabExtension(): boolean {
  return (
    existsSync(join(layout.extension, 'package.json')) && existsSync(join(layout.extension, 'src'))
  );
}

export async function buildLabExtension(step: Progress): Promise<void> {
  const manifest = JSON.parse(
    await readFile(join(layout.extension, 'package.json'), 'utf8'),
  ) as PackageJson;
  if (manifest.scripts?.['build'] === undefined) {
    step.skip('extension/package.json has no build script');
    return;
  }
  const output = resolve(layout.extension, manifest.jupyterlab?.outputDir ?? 'labextension');

  const wanted = await fingerprint({
    files: [
      join(root, 'package-lock.json'),
      ...(await inputs(layout.notebookPackage, output)),
      ...(await inputs(layout.extension, output)),
    ],
  });
  if (!existsSync(join(output, 'package.json')) || !(await isUpToDate('extension', wanted))) {
    const build = await run('npm', ['run', 'build'], {
      cwd: layout.extension,
      stdin: 'ignore',
      all: true,
      env: { PATH: `${dirname(layout.python)}:${process.env['PATH'] ?? ''}` },
    });
    if (build.failed) {
      throw new StepError('the build of extension/ failed', build.all);
    }
    await stamp('extension', wanted);
  }
  await link(output, join(layout.jupyterData, 'labextensions', manifest.name));
}

async function inputs(directory: string, output: string): Promise<string[]> {
  const files: string[] = [];
  const entries = await readdir(directory, { withFileTypes: true });
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(directory, entry.name);
    if (entry.isFile() && !entry.name.endsWith('.tsbuildinfo')) files.push(path);
    if (entry.isDirectory() && !NOT_INPUTS.has(entry.name) && path !== output) {
      files.push(...(await inputs(path, output)));
    }
  }
  return files;
}

async function link(target: string, path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await rm(path, { recursive: true, force: true });
  await symlink(target, path, 'dir');
}
