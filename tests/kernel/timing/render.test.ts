import { TimingLedger } from '../../../kernel/src/timing/ledger';
import { renderCell, renderTable } from '../../../kernel/src/timing/render';
import { timing } from '../../support/timing';

const MIME = 'application/vnd.ferrobook.timing+json';

function example(): TimingLedger {
  const ledger = new TimingLedger();
  ledger.add(timing(), 'total = sum(values)');
  ledger.add(
    timing({
      language: 'rust',
      executionCount: 2,
      phases: [
        { name: 'compile', ms: 152.6 },
        { name: 'run', ms: 1200 },
        { name: 'relay', ms: 0.42 },
      ],
      totalMs: 1353.02,
      cpuMs: 140,
    }),
    '%%rust\nlet shortest = words.iter().min_by_key(|word| word.len());',
  );
  ledger.add(timing({ executionCount: null, status: 'error' }), '1 / 0');
  return ledger;
}

test('the table as text', () => {
  const text = String(renderTable(example().table())['text/plain']);
  expect(`\n${text}\n`).toBe(`
  In   language   compile       run     relay     total       cpu   cell
─────────────────────────────────────────────────────────────────────────────────────────────────────────────
 [1]   python               2.50 ms   0.50 ms   3.00 ms   2.00 ms   total = sum(values)
 [2]   rust        153 ms    1.20 s   0.42 ms    1.35 s    140 ms   let shortest = words.iter().min_by_key(…
       python               2.50 ms   0.50 ms   3.00 ms   2.00 ms   ✗ 1 / 0
   Σ   python               5.00 ms   1.00 ms   6.00 ms   4.00 ms   2 cells
   Σ   rust        153 ms    1.20 s   0.42 ms    1.35 s    140 ms   1 cell
`);
});

test('no cell yet', () => {
  expect(renderTable(new TimingLedger().table())).toEqual({
    'text/plain': 'No cell has run yet.',
    'text/html': '<p>No cell has run yet.</p>',
    [MIME]: { version: 1, cells: [], totals: [] },
  });
});

test('the data is the table itself', () => {
  const table = example().table();
  expect(renderTable(table)[MIME]).toBe(table);
});

test('the source of a cell is text in the HTML, never markup', () => {
  const ledger = new TimingLedger();
  ledger.add(timing(), `x = "<script>alert('&')</script>"`);
  const html = String(renderTable(ledger.table())['text/html']);
  expect(html).toContain('x = &quot;&lt;script&gt;alert(&#39;&amp;&#39;');
  expect(html).not.toContain('<script>');
});

test('the HTML has a row for each cell and each language, and a segment for each phase', () => {
  const html = String(renderTable(example().table())['text/html']);
  expect(html.match(/<tr/g)).toHaveLength(1 + 3 + 2);
  expect(html.match(/title="(start|compile|run|relay) /g)).toHaveLength(2 + 3 + 2);
});

test('a long line is cut between characters', () => {
  const ledger = new TimingLedger();
  ledger.add(timing(), '🦀'.repeat(50));
  expect(String(renderTable(ledger.table())['text/plain'])).toContain(` ${'🦀'.repeat(39)}…\n`);
});

test('one cell below its output', () => {
  const [cell] = example().table().cells.slice(1, 2);
  const shown = renderCell({ ...cell!, record: { ...cell!.record, cached: true } });
  expect(shown['text/plain']).toBe(
    'rust: 1.35 s (compile 153 ms + run 1.20 s + relay 0.42 ms), cpu 140 ms, compiled earlier',
  );
  const build = { debug: true, targetCpu: 'native' };
  const built = renderCell({ ...cell!, record: { ...cell!.record, build } });
  expect(built['text/plain']).toMatch(/, cpu 140 ms, with debug checks, for native$/);
  expect(shown[MIME]).toMatchObject({ version: 1, cells: [{ record: { executionCount: 2 } }] });
});

test('a wait for the language has a column where there was one', () => {
  const ledger = new TimingLedger();
  ledger.add(
    timing({
      phases: [
        { name: 'start', ms: 400 },
        { name: 'run', ms: 2.5 },
      ],
      totalMs: 402.5,
    }),
    'x = 1',
  );
  const waited = renderTable(ledger.table());
  expect(waited['text/plain']).toMatch(/start.*\n.*\n.*400 ms/);
  expect(waited['text/html']).toContain('>start</th>');
  const usual = renderTable(example().table());
  expect(usual['text/plain']).not.toContain('start');
  expect(usual['text/html']).not.toContain('start');
});
