import { languageEdit } from '../src/language/markerEdits';

test.each([
  ['a = 1', 'rust', 'python', '%%rust\na = 1'],
  ['', 'rust', 'python', '%%rust\n'],
  ['%%rust\na', 'python', 'python', 'a'],
  ['%%rust --time', 'python', 'python', ''],
  ['# why\n%%rust\na', 'python', 'python', '# why\na'],
  ['%%python\na', 'rust', 'python', '%%rust\na'],
  ['%%python\na', 'python', 'python', '%%python\na'],
  ['a', 'python', 'rust', '%%python\na'],
  ['%%python\na', 'rust', 'rust', 'a'],
] as const)('%j becomes %s where the default is %s', (source, wanted, fallback, changed) => {
  const edit = languageEdit(source, wanted, fallback);
  const { start, end, text } = edit ?? { start: 0, end: 0, text: '' };
  expect(source.slice(0, start) + text + source.slice(end)).toBe(changed);
});
