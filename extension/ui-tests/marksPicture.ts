/** Takes the README's pictures of a marked cell, docs/marks-*.png: `npx tsx extension/ui-tests/marksPicture.ts`. */

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { launchBrowser } from './browser';
import { eventually } from './eventually';
import { JupyterLab, ROOT } from './jupyterLab';
import { NotebookPage } from './notebookPage';

const CODE = `%%rust
fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}
let samples = vec![2.1, 1.9, 2.0];
mean(samples)`;

/** How long the first answer about Rust may take, in milliseconds. */
const RUST_START = 60_000;

async function main(): Promise<void> {
  const [lab, browser] = await Promise.all([JupyterLab.start(), launchBrowser()]);
  try {
    const page = await browser.newPage({
      viewport: { width: 860, height: 600 },
      deviceScaleFactor: 2,
    });
    await page.goto(lab.url);
    await page.locator('.jp-Launcher').waitFor();
    await lab.write('marks.ipynb', 'ferrobook', [{ source: '%%rust\n' }, { source: '' }]);
    const notebook = await NotebookPage.open(page, 'marks.ipynb');
    await notebook.execute('application:toggle-left-area');
    await notebook.edit(0);
    await notebook.press('Control+a');
    await page.keyboard.insertText(CODE);
    const mark = notebook.cell(0).locator('.cm-lintRange-error');
    await mark.waitFor({ timeout: RUST_START });
    await mkdir(join(ROOT, 'docs'), { recursive: true });
    for (const [theme, name] of [
      ['JupyterLab Light', 'light'],
      ['JupyterLab Dark', 'dark'],
    ] as const) {
      await notebook.execute('apputils:change-theme', { theme });
      await page.locator(`body[data-jp-theme-name="${theme}"]`).waitFor({ state: 'attached' });
      await eventually(async () => {
        await notebook.pointAt(mark);
        await page.locator('.cm-tooltip-lint').waitFor({ timeout: 2000 });
      });
      await page.waitForTimeout(1000);
      await page.screenshot({ path: join(ROOT, `docs/marks-${name}.png`) });
    }
    await notebook.shutDownKernel();
  } finally {
    await browser.close();
    await lab.stop();
  }
}

void main();
