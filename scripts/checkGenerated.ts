/** Checks committed files that are made from others and that no tool of their own checks. */

import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { notebookData, notebookDataFile } from './notebookData';
import { layout, root } from './setup/layout';

const problems = [
  ...(await packageLock()),
  ...(await requirementsLock()),
  ...(await notebookFile()),
];
for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;

/** An address in the lock file would tie every installation to the registry of whoever wrote it. */
async function packageLock(): Promise<string[]> {
  const lock = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { resolved?: string }>;
  };
  return Object.entries(lock.packages)
    .filter(([, { resolved }]) => resolved !== undefined && /^\w+:/.test(resolved))
    .map(
      ([path]) =>
        `package-lock.json: ${path} has a download address; run \`npm install --omit-lockfile-registry-resolved\``,
    );
}

/** Python reads what the kernel and the extension have from `packages/notebook`. */
async function notebookFile(): Promise<string[]> {
  return (await readFile(notebookDataFile, 'utf8')) === (await notebookData())
    ? []
    : [`${relative(root, notebookDataFile)} is stale; run \`npm run generate\``];
}

/** Every requirement is pinned, and everything is pinned exactly. */
async function requirementsLock(): Promise<string[]> {
  const wanted = requirements(await readFile(layout.requirements.replace(/lock$/, 'in'), 'utf8'));
  const pinned = requirements(await readFile(layout.requirements, 'utf8'));
  const names = new Set(pinned.map(({ name }) => name));
  return [
    ...wanted
      .filter(({ name }) => !names.has(name))
      .map(
        ({ name }) =>
          `requirements.lock: ${name} is missing; CONTRIBUTING.md says how to update it`,
      ),
    ...pinned
      .filter(({ line }) => !/^\S+==\S+/.test(line))
      .map(({ line }) => `requirements.lock: not an exact version: ${line}`),
  ];
}

/** The lines of a requirements file with their names normalised as PyPI does. */
function requirements(text: string): { name: string; line: string }[] {
  return text
    .split('\n')
    .filter((line) => /^\w/.test(line))
    .map((line) => ({
      name: (/^[\w.-]+/.exec(line)?.[0] ?? '').toLowerCase().replaceAll(/[-_.]+/g, '-'),
      line,
    }));
}
