import { runMagic, takeMagics } from '../../../kernel/src/session/magics';
import { TimingLedger } from '../../../kernel/src/timing/ledger';
import { timing } from '../../support/timing';

function run(arguments_: string, ledger = new TimingLedger()): ReturnType<typeof runMagic> {
  return runMagic({ name: 'timing', arguments: arguments_ }, ledger);
}

test('%timing shows the table', () => {
  const ledger = new TimingLedger();
  ledger.add(timing(), 'x = 1');
  expect(run('', ledger)).toMatchObject({
    data: { 'text/plain': expect.stringContaining('x = 1') as string },
  });
});

test('%timing on and off switch the display', () => {
  const ledger = new TimingLedger();
  run(' on ', ledger);
  expect(ledger.shown).toBe(true);
  run('off', ledger);
  expect(ledger.shown).toBe(false);
});

test('%timing reset forgets the cells', () => {
  const ledger = new TimingLedger();
  ledger.add(timing(), 'x = 1');
  run('reset', ledger);
  expect(ledger.table().cells).toEqual([]);
});

test('a wrong argument is an error that suggests the right one, and changes nothing', () => {
  const ledger = new TimingLedger();
  const error = { ename: 'UsageError', evalue: expect.stringContaining('Did you mean %timing on?') as string };
  expect(run('onn', ledger)).toMatchObject({ error });
  expect(ledger.shown).toBe(false);
});

test('an unknown magic is an error that suggests the right one', () => {
  expect(runMagic({ name: 'timming', arguments: '' }, new TimingLedger())).toMatchObject({
    error: { evalue: expect.stringContaining('Did you mean %timing?') as string },
  });
});

test.each([
  ['%timing\n1 + 1', [['timing', '']], '       \n1 + 1'],
  ['  %timing on\n%timing\nx', [['timing', 'on'], ['timing', '']], '            \n       \nx'],
  ['\n// note\n%timing\r\n1', [['timing', '']], '\n// note\n       \r\n1'],
  [':dep itoa\n%timing', [['timing', '']], ':dep itoa\n       '],
  ['let a = 5\n%timing;', [], 'let a = 5\n%timing;'],
  ['%timing 🦀', [['timing', '🦀']], '         '],
])('%j: the magics at the top are taken, everything else stays in its place', (source, magics, code) => {
  expect(takeMagics(source)).toEqual({
    magics: magics.map(([name, arguments_]) => ({ name, arguments: arguments_ })),
    code,
  });
});
