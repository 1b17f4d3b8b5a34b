/** Takes the README's pictures, of the notebook and of the panel of times: `npx tsx extension/ui-tests/screenshot.ts`. */

import { mkdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { launchBrowser } from './browser';
import { JupyterLab, ROOT } from './jupyterLab';
import { NotebookPage } from './notebookPage';

const NOTEBOOK = join(ROOT, 'examples/quickstart.ipynb');
const PICTURE = join(ROOT, 'docs/screenshot.png');
const TIMING_PICTURE = join(ROOT, 'docs/timing-panel.png');

/** The heading where the picture begins; the Rust cell below it becomes the active one. */
const FIRST_CELL = 13;

/** The first Rust cells build their dependencies, in milliseconds. */
const RUN_LIMIT = 300_000;

async function main(): Promise<void> {
  const [lab, browser] = await Promise.all([JupyterLab.start(), launchBrowser()]);
  try {
    const page = await browser.newPage({ viewport: { width: 1200, height: 1040 } });
    await page.goto(lab.url);
    await page.locator('.jp-Launcher').waitFor();
    await lab.copy(NOTEBOOK);
    const notebook = await NotebookPage.open(page, basename(NOTEBOOK));
    await notebook.execute('application:toggle-left-area');
    await page.getByRole('tab', { name: 'Launcher' }).locator('.lm-TabBar-tabCloseIcon').click();
    await notebook.execute('notebook:run-all-cells');
    const last = page.locator('.jp-Notebook .jp-CodeCell').last();
    await last.getByLabel('Execution time').waitFor({ timeout: RUN_LIMIT });

    await notebook.save();
    await notebook.select(FIRST_CELL + 1);
    await notebook.cell(FIRST_CELL).evaluate((cell) => {
      cell.scrollIntoView({ block: 'start' });
    });
    await page.mouse.move(0, 0);
    await page.waitForTimeout(4000);
    await mkdir(dirname(PICTURE), { recursive: true });
    await page.screenshot({ path: PICTURE });

    await notebook.execute('ferrobook:show-timing-panel');
    await page.getByLabel('Order').selectOption('by time');
    await notebook.useTheme('JupyterLab Dark');
    await page.waitForTimeout(2000);
    await page.screenshot({ path: TIMING_PICTURE });
    await notebook.shutDownKernel();
  } finally {
    await browser.close();
    await lab.stop();
  }
}

void main();
