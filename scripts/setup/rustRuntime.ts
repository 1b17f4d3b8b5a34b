/** The Rust host, the cell process and the shims, built by cargo. Cargo itself knows what is up to date. */

import { run } from '../processes';
import { cargoEnvironment } from './cargoEnvironment';
import { layout } from './layout';
import { Bar, StepError, type Progress } from './step';

const BUILD = ['build', '--release', '--locked', '--workspace'];

const TITLE = 'Rust runtime';

/** The line of `--message-format=json` that says that a crate is ready. */
interface Artifact {
  reason: string;
  package_id: string;
  target: { kind: string[] };
}

export async function buildRustRuntime(step: Progress): Promise<void> {
  const bar = new Bar(step, await countCrates());
  const ready = new Set<string>();
  let current = '';

  const cargo = run('cargo', [...BUILD, '--message-format=json-render-diagnostics'], {
    cwd: layout.runtime,
    stdin: 'ignore',
    env: {
      ...cargoEnvironment,
      ...(process.stdout.isTTY && {
        CARGO_TERM_COLOR: 'always',
        CARGO_TERM_PROGRESS_WHEN: 'never',
      }),
    },
  });

  const watchCrates = async (): Promise<void> => {
    for await (const line of cargo.iterable({ from: 'stdout' })) {
      const crate = finishedCrate(line);
      if (crate !== undefined) {
        ready.add(crate);
        bar.show(ready.size, current);
      }
    }
  };
  const watchNames = async (): Promise<void> => {
    for await (const line of cargo.iterable({ from: 'stderr' })) {
      const name = /(?:Compiling|Downloading|Downloaded|Blocking).*?\s+(\S.*)/.exec(
        plain(line),
      )?.[1];
      if (name !== undefined) {
        if (ready.size < bar.total / 2)
          step.title = `${TITLE} (a first build takes 5 to 10 minutes)`;
        current = name.replace(/ \(.*/, '');
        bar.show(ready.size, current);
      }
    }
  };
  const [result] = await Promise.all([cargo, watchCrates(), watchNames()]);
  step.title = TITLE;
  if (result.failed) {
    throw new StepError('cargo build failed', compilerMessages(result.stderr));
  }
}

/** The number of packages that cargo builds here, with their features and for this platform. */
async function countCrates(): Promise<number> {
  const tree = ['tree', '--locked', '--workspace', '--edges=normal,build', '--prefix=none'];
  const { stdout, stderr, failed } = await run('cargo', tree, {
    cwd: layout.runtime,
    stdin: 'ignore',
  });
  if (failed) {
    throw new StepError('cargo could not read rust-runtime/', stderr);
  }
  const packages = stdout.split('\n').map((line) => line.split(' ').slice(0, 2).join(' '));
  return new Set(packages.filter((line) => line !== '')).size;
}

/** The package whose library or binary a line of cargo's JSON reports; build scripts come before their package. */
function finishedCrate(line: string): string | undefined {
  if (!line.startsWith('{"reason":"compiler-artifact"')) return undefined;
  const artifact = JSON.parse(line) as Artifact;
  return artifact.target.kind.includes('custom-build') ? undefined : artifact.package_id;
}

/** What cargo printed, without the lines that only report progress. */
function compilerMessages(stderr: string): string {
  const noise =
    /^\s*(Compiling|Downloading|Downloaded|Updating|Locking|Blocking|Adding|Fresh|Checking)\b/;
  return stderr
    .split('\n')
    .filter((line) => !noise.test(plain(line)))
    .join('\n');
}

function plain(line: string): string {
  // eslint-disable-next-line no-control-regex -- colour codes begin with a control character
  return line.replaceAll(/\u001b\[[\d;]*m/g, '');
}
