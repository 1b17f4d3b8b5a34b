/** Everything between a fresh checkout and a working kernel, as a list of steps that are quick when nothing changed. */

import { formatMessages, type BuildFailure } from 'esbuild';
import { Listr, PRESET_TIMER } from 'listr2';
import { buildKernelBundle } from '../build';
import { isLeaving } from '../processes';
import { writeKernelspecs } from './kernelspecs';
import { buildLabExtension, hasLabExtension } from './labExtension';
import type { Tools } from './layout';
import { writeNbconvertConfig } from './nbconvertConfig';
import { makePythonEnvironment } from './pythonEnvironment';
import { buildRustRuntime } from './rustRuntime';
import { StepError, type Step } from './step';

/** How much to set up: the linters need only the Python environment. */
export type Extent = 'everything' | 'python';

/** Returns whether all steps succeeded; failures have been printed. */
export async function setUp(tools: Tools, extent: Extent): Promise<boolean> {
  for (const steps of stages(tools, extent)) {
    const list = new Listr(steps, {
      concurrent: true,
      exitOnError: false, // the other steps of the stage go on, so that all failures show at once
      collectErrors: 'minimal',
      registerSignalListeners: false,
      rendererOptions: { timer: PRESET_TIMER, collapseErrors: false },
      fallbackRendererOptions: { timer: PRESET_TIMER },
    });
    await list.run();
    if (isLeaving()) return false;
    for (const { error } of list.errors) console.error(explain(error));
    if (list.errors.length > 0) return false;
  }
  return true;
}

/** The steps of a stage run side by side; each stage needs the one before it. */
function stages(tools: Tools, extent: Extent): Step[][] {
  const python: Step = {
    title: 'Python environment',
    task: (_, step) => makePythonEnvironment(tools, step),
  };
  if (extent === 'python') return [[python]];
  return [
    [
      { title: 'Kernel', task: bundleKernel },
      python,
      { title: 'Rust runtime', task: (_, step) => buildRustRuntime(step) },
    ],
    [
      { title: 'Kernelspecs', task: writeJupyterFiles },
      {
        title: 'JupyterLab extension',
        enabled: hasLabExtension,
        task: (_, step) => buildLabExtension(step),
      },
    ],
  ];
}

async function writeJupyterFiles(): Promise<void> {
  await writeKernelspecs();
  await writeNbconvertConfig();
}

async function bundleKernel(): Promise<void> {
  try {
    await buildKernelBundle();
  } catch (error) {
    if (!isBuildFailure(error)) throw error;
    const messages = await formatMessages(error.errors, {
      kind: 'error',
      color: process.stderr.isTTY,
    });
    throw new StepError('esbuild could not bundle kernel/src/main.ts', messages.join(''));
  }
}

function isBuildFailure(error: unknown): error is BuildFailure {
  return error instanceof Error && 'errors' in error && Array.isArray(error.errors);
}

function explain(error: Error): string {
  if (error instanceof StepError) return `\n${error.message}\n\n${error.evidence}`;
  return error.stack ?? error.message;
}
