import { titleOf } from '@ferrobook/notebook';
import cases from '../fixtures/notebook/cases.json';

/** Python finds the same (`tests/conformance/test_notebook.py`). */
test.each(cases.titles as [string, string][])('%j is known by %j', (source, title) => {
  expect(titleOf(source)).toBe(title);
});
