// The door to every script that needs set-up: `node scripts/bootstrap.mjs start|test|… [arguments]`.
// Plain JavaScript without dependencies, because it runs before npm has installed any.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { findTools } from './prerequisites.mjs';

const root = join(import.meta.dirname ?? '.', '..');
const [script, ...args] = process.argv.slice(2);

if (script === undefined || !/^[a-z]+$/.test(script)) {
  console.error('usage: node scripts/bootstrap.mjs start|test|bench|wheel [arguments]');
  process.exit(2);
}

const { tools, missing } = findTools({ linters: script === 'test' });
if (missing.length > 0) {
  console.error('Ferrobook needs something that is not on this machine:\n');
  for (const { what, found, install } of missing) {
    console.error(`  ${what} (${found})\n      ${install}\n`);
  }
  process.exit(1);
}

if (!npmPackagesAreInstalled()) {
  console.error('Installing npm packages …');
  const { status } = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (status !== 0) {
    console.error('`npm ci` failed; what it printed above says why.');
    process.exit(1);
  }
}

const { register } = await import('tsx/esm/api');
register();
const { main } = await import(`./${script}.ts`);
await main(tools, args);

/**
 * Whether node_modules holds what package-lock.json asks for. npm writes its own record of an installation last, so a
 * half-made one has none; packages for other platforms are absent from it.
 */
function npmPackagesAreInstalled() {
  try {
    const wanted = readLock('package-lock.json');
    const installed = readLock('node_modules/.package-lock.json');
    return Object.entries(wanted).every(([path, entry]) => {
      if (!path.includes('node_modules/')) return true;
      const present = installed[path];
      if (present === undefined) return entry.optional === true;
      return present.version === entry.version && present.integrity === entry.integrity;
    });
  } catch {
    return false;
  }
}

function readLock(path) {
  return JSON.parse(readFileSync(join(root, path), 'utf8')).packages;
}
