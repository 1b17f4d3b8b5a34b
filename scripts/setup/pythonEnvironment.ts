/** `.venv`: JupyterLab, ipykernel and the tools, pinned; and the `ferrobook` package as a link to this checkout. */

import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../processes';
import { layout, root, type Tools } from './layout';
import { fingerprint, isUpToDate, stamp } from './stamps';
import { Bar, StepError, type Progress } from './step';

export async function makePythonEnvironment(tools: Tools, step: Progress): Promise<void> {
  const wanted = await fingerprint({ texts: [tools.python], files: [layout.requirements] });
  if (!(await isUpToDate('environment', wanted)) || !(await pythonRuns())) {
    await makeAnew(tools, step);
    await stamp('environment', wanted);
  }

  const package_ = await fingerprint({ files: [layout.pyproject] });
  if (!(await isUpToDate('package', package_))) {
    step.output = 'ferrobook';
    await pip(['--no-deps', '--no-build-isolation', '--editable', root], () => undefined);
    await stamp('package', package_);
  }
}

async function makeAnew(tools: Tools, step: Progress): Promise<void> {
  step.output = 'making .venv';
  await rm(layout.environment, { recursive: true, force: true });
  const venv = await run(tools.python, ['-m', 'venv', layout.environment], {
    stdin: 'ignore',
    all: true,
  });
  if (venv.failed) {
    throw new StepError('python -m venv failed', venv.all);
  }

  // JavaScript inside the environment is CommonJS; our own package.json above it says otherwise.
  await writeFile(join(layout.environment, 'package.json'), '{}\n');

  const pins = await readFile(layout.requirements, 'utf8');
  const bar = new Bar(step, pins.split('\n').filter((line) => /^\w.*==/.test(line)).length);
  let collected = 0;
  await pip(['--requirement', layout.requirements], (line) => {
    const name = /^Collecting (\w[\w.-]*)/.exec(line)?.[1];
    if (name !== undefined) {
      collected += 1;
      bar.show(collected, name);
    } else if (line.startsWith('Installing collected packages')) {
      step.output = `unpacking ${String(collected)} packages`;
    }
  });
}

async function pip(args: string[], onLine: (line: string) => void): Promise<void> {
  const options = ['--disable-pip-version-check', '--no-input', '--progress-bar=off'];
  const installation = run(layout.python, ['-m', 'pip', 'install', ...options, ...args], {
    stdin: 'ignore',
    all: true,
  });
  for await (const line of installation.iterable({ from: 'all' })) onLine(line);
  const { failed, all } = await installation;
  if (failed) {
    throw new StepError('pip install failed', all);
  }
}

/** False when the Python that the environment was made from is gone, or packages are. */
async function pythonRuns(): Promise<boolean> {
  const probe =
    'import importlib.util as u; assert all(map(u.find_spec, ("jupyterlab", "ipykernel", "nbclient")))';
  const { failed } = await run(layout.python, ['-c', probe], { stdio: 'ignore' });
  return !failed;
}
