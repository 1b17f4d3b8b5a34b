import { TimingLedger } from '../../../kernel/src/timing/ledger';
import { timing } from '../../support/timing';

test('cells in order, sums per language and phase', () => {
  const ledger = new TimingLedger();
  ledger.add(timing(), 'a = 1');
  ledger.add(timing({ totalMs: 7, cpuMs: 5, phases: [{ name: 'run', ms: 7 }] }), 'b = 2');
  ledger.add(timing({ language: 'rust', phases: [{ name: 'compile', ms: 3 }] }), '%%rust\nf();');
  expect(ledger.table().cells.map(({ title }) => title)).toEqual(['a = 1', 'b = 2', 'f();']);
  expect(ledger.table().totals).toEqual([
    { language: 'python', cells: 2, phases: { run: 9.5, relay: 0.5 }, totalMs: 10, cpuMs: 7 },
    { language: 'rust', cells: 1, phases: { compile: 3 }, totalMs: 3, cpuMs: 2 },
  ]);
});

test('a table does not change with the cells that come later', () => {
  const ledger = new TimingLedger();
  ledger.add(timing(), 'a');
  const table = ledger.table();
  ledger.add(timing(), 'b');
  expect(table.cells).toHaveLength(1);
});
