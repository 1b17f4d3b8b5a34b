/** JupyterLab in a browser, for all tests of a file that imports this. What a test opens is closed after it. */

import type { Browser, Page } from 'playwright-core';
import { launchBrowser } from './browser';
import { JupyterLab, type SavedCell } from './jupyterLab';
import { NotebookPage, type Opening } from './notebookPage';

/** WCAG's least contrast of small text. */
export const READABLE = 4.5;

export let lab: JupyterLab;
export let page: Page;
/** The one that the running test has opened last. */
export let notebook: NotebookPage;
/** All that it has opened, but for those that it has closed. */
const opened: NotebookPage[] = [];
let browser: Browser | undefined;
let started: JupyterLab | undefined;

/** Kernelspecs that take the place of the environment's: set before the tests of a file begin. */
export const kernelspecs: Record<string, object> = {};

/** How long what is waited for in the page may take, in milliseconds; it ends what never comes. */
const PATIENCE = 60_000;

/** What has gone wrong in the page. */
const errors: string[] = [];
/** What the page has asked kernels over the comm, by method, since the running test began. */
const asked: string[] = [];
/** One kernel of each kind serves all tests; its id. */
const kernels = new Map<string, string>();

beforeAll(async () => {
  // First, so that no server is left behind where there is no browser.
  browser = await launchBrowser();
  lab = started = await JupyterLab.start(kernelspecs);
  page = await browser.newPage({ viewport: { width: 1200, height: 900 } });
  page.setDefaultTimeout(PATIENCE);
  page.on('pageerror', (error) => errors.push(String(error.stack)));
  page.on('console', (message) => {
    const from = message.location().url;
    if (message.type() === 'error' && from.includes('@ferrobook')) errors.push(message.text());
  });
  page.on('websocket', (socket) => {
    socket.on('framesent', ({ payload }) => {
      const method = /"method":\s*"([^"]+)"/.exec(payload.toString())?.[1];
      if (method !== undefined) asked.push(method);
    });
  });
  await load();
});

afterAll(async () => {
  await browser?.close();
  await started?.stop();
});

beforeEach(() => {
  asked.length = 0;
});

afterEach(async () => {
  // What a failed test leaves open would be in the way of the others.
  while (await page.locator('.jp-Dialog').isVisible()) await page.keyboard.press('Escape');
  for (const each of opened.splice(0)) await each.close();
  expect(errors.splice(0)).toEqual([]);
});

/** Loads the page anew, with no notebook open. */
export async function load(): Promise<void> {
  await page.goto(lab.url, { timeout: 2 * PATIENCE });
  await page.locator('.jp-Launcher').waitFor({ timeout: 2 * PATIENCE });
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

/** How often the page has asked kernels this over the comm since the running test began. */
export function timesAsked(method: string): number {
  return asked.filter((each) => each === method).length;
}

/**
 * Waits until all that the page put off by at most `ms` milliseconds has been done: it fires its timers in the order of their
 * times, so that what has not happened when a later one fires does not happen.
 */
export async function afterTimers(ms = 1000): Promise<void> {
  await page.evaluate((delay) => new Promise((resolve) => setTimeout(resolve, delay)), ms);
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
