import { eventually } from './eventually';
import { heldRust } from './held';
import { lab, notebook, open, openAlone, page, restart, rustStatus } from './workbench';

test('the status bar says what Rust is at; a restart of one language leaves the other', async () => {
  await openAlone(
    'restart.ipynb',
    'ferrobook',
    'kept = "by Python"',
    '%%rust\nlet kept = "by Rust"; println!("kept");',
    'kept',
    '%%rust\nkept',
    `%%rust\n${heldRust('seen')}`,
  );
  await eventually(async () => {
    expect(await rustStatus()).toMatch(/^Rust: (starting|ready)$/);
  });
  await notebook.run(0);
  await notebook.run(1);
  await eventually(async () => {
    expect(await notebook.output(1)).toBe('kept\n');
    expect(await rustStatus()).toBe('Rust: ready');
  });

  await restart('Rust');
  await eventually(async () => {
    expect(await rustStatus()).toBe('Rust: restarted');
  });
  await notebook.run(2);
  await eventually(async () => {
    expect(await notebook.output(2)).toBe("'by Python'");
  });
  await notebook.run(3);
  await eventually(async () => {
    expect(await notebook.output(3)).toContain('E0425');
    expect(await rustStatus()).toBe('Rust: ready');
  });

  await notebook.run(1);
  await eventually(async () => {
    expect(await notebook.output(1)).toBe('kept\n');
  });
  await restart('Python');
  await notebook.run(3);
  await eventually(async () => {
    expect(await notebook.output(3)).toBe('"by Rust"');
  });
  await notebook.run(2);
  await eventually(async () => {
    expect(await notebook.output(2)).toContain('NameError');
  });

  await notebook.run(4);
  await eventually(async () => {
    expect(await rustStatus()).toBe('Rust: running');
  });
  await lab.touch('seen');
  await eventually(async () => {
    expect(await rustStatus()).toBe('Rust: ready');
  });
  await notebook.shutDownKernel();
});

test('a notebook of another kernel has no status of Rust and no restarts', async () => {
  await open('python.ipynb', 'python3', '1');
  await notebook.runToEnd(0);
  await expect(page.locator('.ferrobook-RustStatus').isVisible()).resolves.toBe(false);
  await page.getByRole('menuitem', { name: 'Kernel', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Restart Kernel…' }).waitFor();
  await expect(page.getByRole('menuitem', { name: 'Restart Rust…' }).count()).resolves.toBe(0);
  await notebook.press('Escape');
});
