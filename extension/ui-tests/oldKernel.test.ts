import { eventually } from './eventually';
import { PYTHON } from './jupyterLab';
import { afterTimers, kernelspecs, lab, notebook, open, page, timesAsked } from './workbench';

// It goes by the name of Ferrobook's kernel and knows nothing of its comm, as a kernel from before there was one.
kernelspecs['ferrobook'] = {
  argv: [PYTHON, '-m', 'ipykernel_launcher', '-f', '{connection_file}'],
  display_name: 'Python + Rust',
  language: 'python',
};

test('a kernel without the comm runs cells, and nothing is said of what is not known', async () => {
  await open('old.ipynb', 'ferrobook', 'import time; time.sleep(0.5); 6 * 7', '%%rust\n1');
  await notebook.select(0);
  await notebook.press('Control+Enter');
  await eventually(async () => {
    const output = notebook.cell(0).locator('.jp-OutputArea-output');
    expect(await output.textContent()).toBe('42');
  });
  await notebook.runToEnd(1);
  await afterTimers();
  await expect(notebook.timing(0).count()).resolves.toBe(0);
  await expect(page.locator('.ferrobook-RustStatus').isVisible()).resolves.toBe(false);
  await notebook.execute('ferrobook:show-variables-panel');
  await page.getByText('No notebook with a running kernel of Ferrobook’s.').waitFor();
  await notebook.execute('ferrobook:show-timing-panel');
  await page.getByText('No cell of this notebook has a time yet.').waitFor();

  await notebook.select(0);
  await notebook.press('u');
  expect(await notebook.source(0)).toBe('%%rust\nimport time; time.sleep(0.5); 6 * 7');
  await notebook.save();
  const [cell] = await lab.read('old.ipynb');
  expect(cell?.metadata).not.toHaveProperty('ferrobook');
});

test('a Rust cell that is typed stays without marks', async () => {
  await open('typed.ipynb', 'ferrobook', '%%rust\n');
  await notebook.edit(0);
  await notebook.press('Control+End');
  await page.keyboard.insertText('nowhere()');
  await afterTimers();
  expect(timesAsked('check')).toBe(0);
  expect(await notebook.cell(0).locator('.cm-lintRange').count()).toBe(0);
  await notebook.save();
  const [cell] = await lab.read('typed.ipynb');
  expect(cell?.source).toBe('%%rust\nnowhere()');
});
