import { eventually } from './eventually';
import { notebook, open, openAlone, page } from './workbench';

test('what a cell reads is asked for below it, in both languages', async () => {
  await open(
    'stdin.ipynb',
    'ferrobook',
    'print(input("Your name? ").upper())',
    '%%rust\nlet mut line = String::new();\nstd::io::stdin().read_line(&mut line)?;\nprintln!("{}", line.trim().to_uppercase());',
  );
  for (const cell of [0, 1]) {
    await notebook.run(cell);
    const box = notebook.cell(cell).locator('.jp-Stdin-input');
    await box.waitFor();
    if (cell === 0) {
      expect(await notebook.cell(cell).locator('.jp-Stdin').innerText()).toContain('Your name?');
    }
    await box.fill('é per');
    await box.press('Enter');
    await eventually(async () => {
      expect(await notebook.output(cell)).toContain('É PER');
    });
  }
});

test("the toolbar's button interrupts a cell of either language, and no variable is lost", async () => {
  await openAlone(
    'interrupt.ipynb',
    'ferrobook',
    'kept = [1, 2]',
    '%%rust\nlet mut kept = vec![3, 4];',
    'import time; time.sleep(600)',
    '%%rust\nkept.clear();\nloop { std::thread::sleep(std::time::Duration::from_millis(10)); }',
    'kept',
    '%%rust\nkept',
  );
  await notebook.run(0);
  await notebook.run(1);
  for (const [cell, language] of [
    [2, 'Python'],
    [3, 'Rust'],
  ] as const) {
    await notebook.run(cell);
    await eventually(async () => {
      expect(await notebook.clock(cell).textContent()).toContain(`${language} · run`);
    });
    await page.locator('[data-command="notebook:interrupt-kernel"]').first().click();
    await notebook.clock(cell).waitFor({ state: 'hidden' });
    expect(await notebook.output(cell)).toContain('Interrupt');
  }
  await notebook.run(4);
  await notebook.run(5);
  await eventually(async () => {
    expect(await notebook.output(4)).toBe('[1, 2]');
    expect(await notebook.output(5)).toBe('[3, 4]');
  });
  await notebook.shutDownKernel();
});
