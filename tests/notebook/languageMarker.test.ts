import { findMarker, findMarkerLine } from '@ferrobook/notebook';

describe('the marker of a language is a marker line', () => {
  test.each([
    '%%rust',
    '%%rust\nlet a = 1;',
    '%%rust --time\nlet a = 1;',
    '  %%rust  \nlet a = 1;',
    '\n\n%%python\na = 1',
    '# why\n// and why not\n%%rust\nlet a = 1;',
    '#[derive(Debug)]\n%%rust',
    '#![allow(unused)]\n%%rust',
    'x = 1\n%%rust',
    '%%rusty\nlet a = 1;',
    '%%time\n%%rust',
    '%% rust',
    '%%Rust',
    '%rust',
    '',
  ])('%j', (source) => {
    const line = findMarkerLine(source);
    const isLanguage = line?.name === 'rust' || line?.name === 'python';
    const marker = findMarker(source);
    expect(marker?.language).toBe(isLanguage ? line.name : undefined);
    if (marker === undefined) return;
    expect([marker.lineStart, marker.lineEnd]).toEqual([line?.start, line?.end]);
    expect(source.slice(marker.start, marker.end)).toBe(`%%${marker.language}`);
  });
});
