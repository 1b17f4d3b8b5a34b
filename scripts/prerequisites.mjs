// What must be on the machine before anything else can be set up, and how to get it.
// Plain JavaScript without dependencies, because it runs before npm has installed any.

import { spawnSync } from 'node:child_process';
import process from 'node:process';

const NODE = [20, 19];
const PYTHON = [3, 10];
const RUST = [1, 95];

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
    require(`Node.js ${NODE.join('.')} or newer`, `found ${process.version}`, installNode());
  }

  const python = findPython();
  if (python.path === undefined) {
    require(`Python ${PYTHON.join('.')} or newer`, python.found, installPython());
  } else if (!python.hasVenv) {
    require("Python's venv module", `${python.path} has none`, installVenv());
  }

  const rust = ['cargo', 'rustc'].map((tool) => [tool, version(output(tool, ['--version']))]);
  if (!rust.every(([, found]) => atLeast(found, RUST))) {
    const found = rust.map(([tool, its]) => `${tool}: ${describe(its)}`).join(', ');
    require(`Rust ${RUST.join('.')} or newer`, found, installRust());
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
    require('a C linker (cc), which rustc calls', 'not found', installLinker());
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

function installNode() {
  if (has('brew')) return 'brew install node';
  return 'install the current LTS release from https://nodejs.org/en/download';
}

function installPython() {
  if (has('apt-get')) return 'sudo apt-get install -y python3 python3-venv';
  if (has('dnf')) return 'sudo dnf install -y python3';
  if (has('brew')) return 'brew install python';
  return 'install it from https://www.python.org/downloads/';
}

function installVenv() {
  return has('apt-get') ? 'sudo apt-get install -y python3-venv' : installPython();
}

function installRust() {
  if (has('rustup')) return 'rustup update stable && rustup default stable';
  return "curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh";
}

function installLinker() {
  if (process.platform === 'darwin') return 'xcode-select --install';
  if (has('apt-get')) return 'sudo apt-get install -y build-essential';
  if (has('dnf')) return 'sudo dnf install -y gcc';
  return 'install gcc or clang with your package manager';
}
