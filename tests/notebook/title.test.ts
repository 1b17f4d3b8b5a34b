import { titleOf } from '@ferrobook/notebook';

test.each([
  ['%%rust --time\n\n// why\nlet a = 1;\nlet b = 2;', 'let a = 1;'],
  ['# only a comment', '# only a comment'],
  ['#[derive(Debug)]\nstruct S;', '#[derive(Debug)]'],
  ['# why\n  x = 1', 'x = 1'],
  ['%%rust', ''],
  ['', ''],
])('%j is known by %j', (source, title) => {
  expect(titleOf(source)).toBe(title);
});
