import { duration } from '@ferrobook/notebook';
import cases from '../fixtures/notebook/cases.json';

/** Python writes the same (`tests/conformance/test_notebook.py`). */
test.each(cases.durations as [number, string][])('%d ms is %s', (ms, text) => {
  expect(duration(ms)).toBe(text);
});
