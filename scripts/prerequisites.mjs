// What must be on the machine before anything else can be set up, and how to get it.
// Plain JavaScript without dependencies, because it runs before npm has installed any.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import process from 'node:process';

/** `ferrobook doctor` reads the same file. */
const RULES = JSON.parse(
  readFileSync(
    new URL('../kernel/python/ferrobook/_command/prerequisites.json', import.meta.url),
    'utf8',
  ),
);
const { node: NODE, python: PYTHON, rust: RUST } = RULES.oldest;

const PYTHON_NAMES = [
  'python3',
  ...[14, 13, 12, 11, 10].map((minor) => `python3.${minor}`),
  'python',
];

/**
 * Looks for every prerequisite, so that all that are missing can be named at once.
 *
 * @param {{ linters: boolean }} wanted whether rustfmt and clippy are needed too
 * @returns {{ tools: { python: string }, missing: { what: string, found: string, install: string }[] }}
 */
export function findTools({ linters }) {
  const missing = [];
  const require = (what, found, install) => missing.push({ what, found, install });

  if (process.platform === 'win32') {
    require('Linux or macOS', 'this is Windows', 'use the Windows Subsystem for Linux: wsl --install');
  }
  if (!atLeast(version(process.version), NODE)) {
    require(`Node.js ${NODE.join('.')} or newer`, `found ${process.version}`, installation('node'));
  }

  const python = findPython();
  if (python.path === undefined) {
    require(`Python ${PYTHON.join('.')} or newer`, python.found, installation('python'));
  } else if (!python.hasVenv) {
    require("Python's venv module", `${python.path} has none`, installation('venv'));
  }

  const rust = ['cargo', 'rustc'].map((tool) => [tool, version(output(tool, ['--version']))]);
  if (!rust.every(([, found]) => atLeast(found, RUST))) {
    const found = rust.map(([tool, its]) => `${tool}: ${describe(its)}`).join(', ');
    require(`Rust ${RUST.join('.')} or newer`, found, installation('rust'));
  } else if (linters) {
    for (const [tool, component] of [
      ['cargo-fmt', 'rustfmt'],
      ['cargo-clippy', 'clippy'],
    ]) {
      if (output(tool, ['--version']) === undefined) {
        require(component, 'not found', `rustup component add ${component}`);
      }
    }
  }
  if (output('cc', ['--version']) === undefined) {
    require('a C linker (cc), which rustc calls', 'not found', installation('linker'));
  }

  return { tools: { python: python.path ?? '' }, missing };
}

function findPython() {
  const tooOld = [];
  for (const name of PYTHON_NAMES) {
    const probe = output(name, [
      '-c',
      'import sys, importlib.util as u; print(*sys.version_info[:2], sep="."); print(sys.executable);' +
        'print(all(map(u.find_spec, ["venv", "ensurepip"])))',
    ]);
    if (probe === undefined) continue;
    const [found, path, hasVenv] = probe.trim().split('\n');
    if (atLeast(version(found), PYTHON)) return { path, hasVenv: hasVenv === 'True' };
    tooOld.push(found);
  }
  return { found: tooOld.length > 0 ? `found only ${tooOld[0]}` : 'not found' };
}

/** Standard output of a command, or undefined when it does not exist or fails. */
function output(command, args) {
  const { status, stdout } = spawnSync(command, args, { encoding: 'utf8' });
  return status === 0 ? stdout : undefined;
}

/** The first `major.minor` in a text. */
function version(text) {
  const match = /(\d+)\.(\d+)/.exec(text ?? '');
  return match === null ? undefined : [Number(match[1]), Number(match[2])];
}

function atLeast(found, [major, minor]) {
  return found !== undefined && (found[0] > major || (found[0] === major && found[1] >= minor));
}

function describe(found) {
  return found === undefined ? 'not found' : `found ${found.join('.')}`;
}

function has(command) {
  return output('sh', ['-c', `command -v ${command}`]) !== undefined;
}

/** What to do on this machine to get something: the first rule whose conditions hold. */
function installation(thing) {
  const holds = ({ system, has: program }) =>
    (system === undefined || system === process.platform) &&
    (program === undefined || has(program));
  return RULES.install[thing].find(holds).say;
}
