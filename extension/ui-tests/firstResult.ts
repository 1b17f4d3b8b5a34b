/**
 * How long it takes from the start of JupyterLab to the last result of a notebook in the browser, as JSON in milliseconds:
 * `npx tsx extension/ui-tests/firstResult.ts KERNEL CACHE`. The kernel is `ferrobook`, whose notebook has a cell of each language,
 * or another one, whose notebook has a Python cell; CACHE is the directory of compiled cells. `npm run bench` runs it.
 */

import { launchBrowser } from './browser';
import { JupyterLab } from './jupyterLab';
import { NotebookPage } from './notebookPage';

const PYTHON_CELL = { source: '6 * 7' };
const RUST_CELL = { source: '%%rust\nlet factors = [6, 7];\nfactors.iter().product::<i32>()' };

const LIMIT = 180_000;

async function main(kernel = 'ferrobook', cache?: string): Promise<void> {
  const cells = kernel === 'ferrobook' ? [PYTHON_CELL, RUST_CELL] : [PYTHON_CELL];
  const browser = await launchBrowser();
  const page = await browser.newPage();
  page.setDefaultTimeout(LIMIT);
  const started = performance.now();
  const lab = await JupyterLab.start({}, cache);
  try {
    await lab.write('first.ipynb', kernel, cells);
    await page.goto(lab.url);
    await page.locator('.jp-Launcher').waitFor();
    const notebook = await NotebookPage.open(page, 'first.ipynb');
    await notebook.execute('notebook:run-all-cells');
    const output = notebook.cell(cells.length - 1).locator('.jp-OutputArea-output');
    await output.filter({ hasText: '42' }).waitFor();
    const ms = performance.now() - started;
    await notebook.shutDownKernel();
    console.log(JSON.stringify({ ms }));
  } finally {
    await browser.close();
    await lab.stop();
  }
}

void main(...process.argv.slice(2));
