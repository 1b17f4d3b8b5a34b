/**
 * Fingerprints of the inputs that finished steps had, kept inside the environment that they changed: an environment
 * that is deleted, copied elsewhere or was never finished has no valid stamp, and its steps run again.
 */

import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { layout, root } from './layout';

type Step = 'environment' | 'package' | 'extension';
type Stamps = Partial<Record<Step, string>>;

const file = join(layout.environment, 'ferrobook-stamps.json');

export async function isUpToDate(step: Step, fingerprint: string): Promise<boolean> {
  return (await read())[step] === fingerprint;
}

export async function stamp(step: Step, fingerprint: string): Promise<void> {
  const stamps = await read();
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, JSON.stringify({ ...stamps, [step]: fingerprint }, null, 2));
}

/** Covers the texts, the files and this checkout's own path, which the environment contains in many places. */
export async function fingerprint(inputs: { texts?: string[]; files?: string[] }): Promise<string> {
  const hash = createHash('sha256').update(root);
  for (const text of inputs.texts ?? []) {
    hash.update('\0').update(text);
  }
  for (const path of inputs.files ?? []) {
    hash.update('\0').update(path).update('\0');
    hash.update(await readFile(path));
  }
  return hash.digest('hex');
}

async function read(): Promise<Stamps> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Stamps;
  } catch {
    return {};
  }
}
