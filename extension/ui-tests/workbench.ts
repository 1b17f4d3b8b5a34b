/** JupyterLab in a browser, for all tests of a file that imports this. What a test opens is closed after it. */

import type { Browser, Page } from 'playwright-core';
import { launchBrowser } from './browser';
import { JupyterLab, type SavedCell } from './jupyterLab';
import { NotebookPage, type Opening } from './notebookPage';

/** How long the first Rust cell of a kernel may take, in milliseconds. */
export const RUST_START = 60_000;

/** WCAG's least contrast of small text. */
export const READABLE = 4.5;

export let lab: JupyterLab;
export let page: Page;
/** The one that the running test has opened last. */
export let notebook: NotebookPage;
/** All that it has opened, but for those that it has closed. */
const opened: NotebookPage[] = [];
let browser: Browser | undefined;

/** Kernelspecs that take the place of the environment's: set before the tests of a file begin. */
export const kernelspecs: Record<string, object> = {};

/** What has gone wrong in the page. */
const errors: string[] = [];
/** One kernel of each kind serves all tests; its id. */
const kernels = new Map<string, string>();

beforeAll(async () => {
  // First, so that no server is left behind where there is no browser.
  browser = await launchBrowser();
  lab = await JupyterLab.start(kernelspecs);
  page = await browser.newPage({ viewport: { width: 1200, height: 900 } });
  page.on('pageerror', (error) => errors.push(String(error.stack)));
  page.on('console', (message) => {
    const from = message.location().url;
    if (message.type() === 'error' && from.includes('@ferrobook')) errors.push(message.text());
  });
  await load();
});

afterAll(async () => {
  if (browser === undefined) return;
  await browser.close();
  await lab.stop();
});

afterEach(async () => {
  for (const each of opened.splice(0)) await each.close();
  expect(errors.splice(0)).toEqual([]);
});

/** Loads the page anew, with no notebook open. */
export async function load(): Promise<void> {
  await page.goto(lab.url);
  await page.locator('.jp-Launcher').waitFor();
  opened.length = 0;
}

/** Opens a new notebook; text stands for a code cell. */
export async function open(
  name: string,
  kernel: string,
  ...cells: (string | Partial<SavedCell>)[]
): Promise<void> {
  await write(name, kernel, cells);
  await reopen(name, kernel);
}

/** Opens a notebook that was saved. */
export async function reopen(name: string, kernel: string, opening: Opening = {}): Promise<void> {
  const running = kernels.get(kernel);
  await show(name, { ...(running === undefined ? {} : { kernel: running }), ...opening });
  kernels.set(kernel, await notebook.kernelId());
}

/** Opens a new notebook with a kernel of its own, which the test shuts down. */
export async function openAlone(
  name: string,
  kernel: string,
  ...cells: (string | Partial<SavedCell>)[]
): Promise<void> {
  await write(name, kernel, cells);
  await show(name);
}

/** Does the same, beside the notebook that is open. */
export async function openBeside(
  name: string,
  kernel: string,
  ...cells: (string | Partial<SavedCell>)[]
): Promise<void> {
  await write(name, kernel, cells);
  await show(name, { beside: true });
}

/** Opens a second view of the notebook, beside it. */
export async function openView(): Promise<void> {
  notebook = await notebook.openView();
  opened.push(notebook);
}

async function show(name: string, opening: Opening = {}): Promise<void> {
  notebook = await NotebookPage.open(page, name, opening);
  opened.push(notebook);
}

async function write(
  name: string,
  kernel: string,
  cells: (string | Partial<SavedCell>)[],
): Promise<void> {
  await lab.write(
    name,
    kernel,
    cells.map((cell) => (typeof cell === 'string' ? { source: cell } : cell)),
  );
}

/** What the status bar says of Rust. */
export async function rustStatus(): Promise<string | null> {
  return page.locator('.ferrobook-RustStatus').textContent();
}

/** Restarts a language of the current notebook by its entry in the kernel menu. */
export async function restart(label: 'Rust' | 'Python'): Promise<void> {
  await page.getByRole('menuitem', { name: 'Kernel', exact: true }).click();
  await page.getByRole('menuitem', { name: `Restart ${label}…` }).click();
  await page.getByRole('button', { name: `Restart ${label}` }).click();
}
