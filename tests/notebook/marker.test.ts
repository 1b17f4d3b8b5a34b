import { findMarker, findMarkerLine, languageNamed } from '@ferrobook/notebook';
import cases from '../fixtures/notebook/cases.json';

/** Python finds the same (`tests/conformance/test_notebook.py`). */
test.each(cases.markers as [string, string | null][])('the marker of %j is %j', (source, name) => {
  const line = findMarkerLine(source);
  expect(line?.name ?? null).toBe(name);
  const marker = findMarker(source);
  expect(marker?.language).toBe(languageNamed(name));
  if (marker === undefined) return;
  expect([marker.lineStart, marker.lineEnd]).toEqual([line?.start, line?.end]);
  expect(source.slice(marker.start, marker.end)).toBe(`%%${marker.language}`);
});

test('where a marker stands', () => {
  const source = '# é\n\n  %%rust --time\nx';
  expect(findMarkerLine(source)).toEqual({ start: 5, end: 20, name: 'rust', rest: '--time' });
  expect(findMarkerLine('x\n%%rust')).toBeUndefined();
});
