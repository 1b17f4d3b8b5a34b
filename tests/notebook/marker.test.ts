import { findMarkerLine } from '@ferrobook/notebook';

test('where a marker stands', () => {
  const source = '# é\n\n  %%rust --time\nx';
  expect(findMarkerLine(source)).toEqual({ start: 5, end: 20, name: 'rust', rest: '--time' });
  expect(findMarkerLine('x\n%%rust')).toBeUndefined();
});
