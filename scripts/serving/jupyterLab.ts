/** JupyterLab as a child process. */

import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { run } from '../processes';
import { layout } from '../setup/layout';

export interface LabOptions {
  port: number;
  ip: string;
  openBrowser: boolean;
}

const STARTER = join(import.meta.dirname, 'jupyter_lab.py');

export interface Lab {
  /** An address that answers, token included. */
  url: string;
  /** The exit code, once the server has ended for whatever reason. */
  ended: Promise<number>;
}

/** Resolves once the server answers; undefined when it ended before that. */
export async function startLab({ port, ip, openBrowser }: LabOptions): Promise<Lab | undefined> {
  const args = [
    `--ServerApp.ip=${ip}`,
    `--ServerApp.port=${String(port)}`,
    `--ServerApp.open_browser=${openBrowser ? 'True' : 'False'}`,
    `--ServerApp.root_dir=${layout.examples}`,
    '--Application.log_level=WARN',
    ...(process.getuid?.() === 0 ? ['--allow-root'] : []),
  ];
  const server = run(layout.python, [STARTER, ...args], {
    cwd: layout.examples,
    stdin: 'pipe', // never written to: its end tells the server that we are gone
    stdout: 'pipe',
    stderr: 'inherit',
    // A token of our own, because Jupyter announces at length one that it has made up itself.
    env: { JUPYTER_TOKEN: process.env['JUPYTER_TOKEN'] ?? randomBytes(24).toString('hex') },
  });

  const ended = server.then(({ exitCode }) => exitCode ?? 1);
  const lines = createInterface({ input: server.stdout });
  const line = await Promise.race([once(lines, 'line'), ended]);
  if (!Array.isArray(line)) return undefined;
  const { url, token } = JSON.parse(String(line[0])) as { url: string; token: string };
  const address = `${url}lab?token=${token}`;
  while (server.exitCode === null) {
    if (await answers(address)) return { url: address, ended };
    await sleep(100);
  }
  return undefined;
}

async function answers(address: string): Promise<boolean> {
  try {
    return (await fetch(address, { signal: AbortSignal.timeout(2000) })).ok;
  } catch {
    return false;
  }
}
