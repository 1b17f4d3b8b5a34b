/** `npm start`: sets everything up, runs a notebook once, and serves JupyterLab. */

import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { leave, leaveOnSignals, run } from './processes';
import { startLab } from './serving/jupyterLab';
import { layout, root, type Tools } from './setup/layout';
import { setUp } from './setup/setUp';

interface StartOptions {
  /** A notebook, or false for `--no-run`. */
  run: string | false;
  lab: boolean;
  port: number;
  ip: string;
  open: boolean;
}

export async function main(tools: Tools, args: string[]): Promise<void> {
  const options = parse(args);
  let serving = false;
  leaveOnSignals((usual) => (serving ? 0 : usual));

  if (!(await setUp(tools, 'everything'))) await leave(1);
  if (options.run !== false && !(await runNotebook(options.run))) await leave(1);
  if (!options.lab) return;

  const lab = await startLab({ ...options, openBrowser: options.open });
  if (lab === undefined) {
    console.error('JupyterLab did not start.');
    return leave(1);
  }
  serving = true;
  console.log(`\nJupyterLab is ready:  ${lab.url}\nCtrl-C ends it and all of its kernels.`);
  await leave(await lab.ended);
}

function parse(args: string[]): StartOptions {
  return new Command('npm start --')
    .description(
      'Set Ferrobook up, run a notebook without a browser, print its timing table, and serve JupyterLab on examples/.',
    )
    .addOption(
      new Option('--run <notebook>', 'the notebook to run first').default(
        join(layout.examples, 'quickstart.ipynb'),
        'examples/quickstart.ipynb',
      ),
    )
    .option('--no-run', 'run no notebook')
    .option('--no-lab', 'stop before JupyterLab')
    .option('--port <number>', 'where JupyterLab listens; 0 for any free port', parsePort, 8888)
    .option('--ip <address>', 'the address that JupyterLab listens on', '127.0.0.1')
    .option('--open', 'open a browser', false)
    .parse(args, { from: 'user' })
    .opts<StartOptions>();
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    throw new InvalidArgumentError('It must be a number from 0 to 65535.');
  }
  return port;
}

async function runNotebook(notebook: string): Promise<boolean> {
  // npm runs scripts in the root; a path is meant from where the user typed it.
  const path = resolve(process.env['INIT_CWD'] ?? root, notebook);
  if (!existsSync(path)) {
    console.error(`There is no notebook ${path}`);
    return false;
  }
  console.log();
  const { failed } = await run(layout.command, ['run', path], {
    stdin: 'ignore',
    stdout: 'inherit',
    stderr: 'inherit',
  });
  return !failed;
}
