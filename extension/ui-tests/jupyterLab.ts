import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, open, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { processesWith, type RunningProcess } from '../../tests/support/processes';
import { removeTree } from '../../tests/support/removeTree';

export const ROOT = join(__dirname, '../..');

/** The Python that has JupyterLab, the extension and the kernels: the project's own environment. */
export const PYTHON = process.env['FERROBOOK_TEST_PYTHON'] ?? join(ROOT, '.venv/bin/python');

/** No dialog and no notification may come between a test and the notebook. */
const USER_SETTINGS = {
  '@jupyterlab/apputils-extension/notification': {
    fetchNews: 'false',
    checkForUpdates: false,
    doNotDisturbMode: true,
  },
  '@jupyterlab/docmanager-extension/plugin': { autosave: false },
};

const CONFIG = '.jupyter';
const SETTINGS = '.settings';
const LOG = '.log';
const KERNELS = '.kernels';
const RUNTIME = '.runtime';

/** A notebook's cell, as in nbformat 4.5 but with the source in one piece. */
export interface SavedCell {
  cell_type: string;
  source: string;
  metadata: Record<string, unknown>;
  execution_count?: number | null;
  outputs?: unknown[];
}

/** JupyterLab in a directory of its own, on a free port. */
export class JupyterLab {
  private constructor(
    private readonly directory: string,
    private readonly process: ChildProcess,
    /** Opens JupyterLab, with no notebook open. */
    readonly url: string,
  ) {}

  /** `kernelspecs` come before those of the environment. Compiled cells are kept in `cache`, or not for longer than this. */
  static async start(
    kernelspecs: Record<string, object> = {},
    cache?: string,
  ): Promise<JupyterLab> {
    const directory = await mkdtemp(join(tmpdir(), 'ferrobook-ui-'));
    for (const [name, kernelspec] of Object.entries(kernelspecs)) {
      const file = join(directory, KERNELS, 'kernels', name, 'kernel.json');
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, JSON.stringify(kernelspec));
    }
    for (const [plugin, values] of Object.entries(USER_SETTINGS)) {
      await writeSettings(directory, plugin, values);
    }
    const log = await open(join(directory, LOG), 'w');
    const child = spawn(
      PYTHON,
      [
        join(ROOT, 'scripts/serving/jupyter_lab.py'),
        '--ServerApp.port=0',
        '--ServerApp.open_browser=False',
        `--ServerApp.root_dir=${directory}`,
        '--Application.log_level=WARN',
        '--allow-root',
        '--expose-app-in-browser',
      ],
      {
        cwd: directory,
        // The server ends when its stdin does, however the tests end.
        stdio: ['pipe', 'pipe', log.fd],
        env: {
          ...process.env,
          JUPYTER_PATH: join(directory, KERNELS),
          JUPYTER_CONFIG_DIR: join(directory, CONFIG),
          JUPYTER_DATA_DIR: join(directory, '.data'),
          JUPYTER_RUNTIME_DIR: join(directory, RUNTIME),
          IPYTHONDIR: join(directory, '.ipython'),
          FERROBOOK_CACHE_DIR: cache ?? join(directory, '.cache'),
          JUPYTERLAB_SETTINGS_DIR: join(directory, SETTINGS),
          JUPYTERLAB_WORKSPACES_DIR: join(directory, '.workspaces'),
        },
      },
    );
    await once(child, 'spawn'); // or the reason why not
    await log.close();
    if (child.stdout === null) throw new Error('no stdout');
    const lines = createInterface({ input: child.stdout });
    const line = await Promise.race([once(lines, 'line'), once(child, 'exit')]);
    if (typeof line[0] !== 'string') {
      const reason = await readFile(join(directory, LOG), 'utf8');
      throw new Error(`JupyterLab did not start with ${PYTHON}:\n${reason}`);
    }
    const { url, token } = JSON.parse(line[0]) as { url: string; token: string };
    return new JupyterLab(directory, child, `${url}lab?reset&token=${token}`);
  }

  /** Writes a notebook for a kernel; cells without a type are code. */
  async write(name: string, kernel: string, cells: Partial<SavedCell>[]): Promise<void> {
    const notebook = {
      cells: cells.map((cell, index) => ({
        id: `cell-${index}`,
        cell_type: 'code',
        metadata: {},
        ...(cell.cell_type === undefined ? { execution_count: null, outputs: [] } : {}),
        ...cell,
      })),
      metadata: { kernelspec: { name: kernel, display_name: kernel } },
      nbformat: 4,
      nbformat_minor: 5,
    };
    await writeFile(join(this.directory, name), JSON.stringify(notebook));
  }

  /** Puts a copy of a file beside the notebooks. */
  async copy(path: string): Promise<void> {
    await copyFile(path, join(this.directory, basename(path)));
  }

  /** Makes an empty file beside the notebooks: what a held cell waits for. */
  async touch(name: string): Promise<void> {
    await writeFile(join(this.directory, name), '');
  }

  /** Changes a plugin's settings; they hold from the next load of the page on. */
  async set(plugin: string, values: object): Promise<void> {
    await writeSettings(this.directory, plugin, values);
  }

  /** Loads all extensions from the next load of the page on, or all but this one, as `jupyter labextension` does. */
  async disable(extension?: string): Promise<void> {
    const file = join(this.directory, CONFIG, 'labconfig/page_config.json');
    const disabledExtensions = extension === undefined ? {} : { [extension]: true };
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, JSON.stringify({ disabledExtensions }));
  }

  /** The cells of a notebook on disk. */
  async read(name: string): Promise<SavedCell[]> {
    const notebook = JSON.parse(await readFile(join(this.directory, name), 'utf8')) as {
      cells: (Omit<SavedCell, 'source'> & { source: string | string[] })[];
    };
    return notebook.cells.map((cell) => ({ ...cell, source: [cell.source].flat().join('') }));
  }

  /** The server, its kernels, and what they have started. */
  processes(): RunningProcess[] {
    return processesWith('JUPYTER_RUNTIME_DIR', join(this.directory, RUNTIME));
  }

  /** Ends the server and its kernels. */
  async stop(): Promise<void> {
    if (this.process.exitCode === null) {
      this.process.stdin?.end();
      await once(this.process, 'exit');
    }
    await removeTree(this.directory);
  }
}

async function writeSettings(directory: string, plugin: string, values: object): Promise<void> {
  const file = join(directory, SETTINGS, `${plugin}.jupyterlab-settings`);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, JSON.stringify(values));
}
