import { Text } from '@codemirror/state';
import type { Diagnostic as KernelDiagnostic } from '../../kernel/src/languages/rust/protocol';
import { parseDiagnostics } from '../src/diagnostics/diagnostic';
import { marksOf } from '../src/diagnostics/marks';

const diagnostic: KernelDiagnostic = {
  severity: 'error',
  code: 'E0308',
  message: 'mismatched types',
  rendered: 'error[E0308]: mismatched types',
  spans: [
    { start: { line: 2, column: 14 }, end: { line: 2, column: 17 }, label: null, primary: true },
    {
      start: { line: 2, column: 8 },
      end: { line: 2, column: 11 },
      label: 'due to',
      primary: false,
    },
  ],
  fixes: [
    {
      message: 'try',
      sure: true,
      edits: [{ start: { line: 2, column: 17 }, end: { line: 2, column: 17 }, text: '.len()' }],
    },
  ],
};

test("the kernel's diagnostics are understood, and nothing else", () => {
  expect(parseDiagnostics([diagnostic])).toEqual([
    expect.objectContaining({ message: diagnostic.message, rendered: diagnostic.rendered }),
  ]);
  const foreign = [1, null, {}, { ...diagnostic, severity: 'hint' }, { ...diagnostic, message: 1 }];
  expect(parseDiagnostics(foreign)).toEqual([]);
  expect(parseDiagnostics('none')).toBeUndefined();
  const odd = { line: 0, column: 1.5 };
  const [parsed] =
    parseDiagnostics([
      {
        ...diagnostic,
        spans: [{ start: odd, end: odd }],
        fixes: [{ ...diagnostic.fixes[0], edits: [{ text: 'x' }] }],
      },
    ]) ?? [];
  expect(parsed).toMatchObject({ spans: [], fixes: [] });
});

describe('where a diagnostic is marked', () => {
  const [parsed] = parseDiagnostics([diagnostic])!;
  const places = (source: string, changes: Partial<typeof parsed> = {}): string[] =>
    marksOf(Text.of(source.split('\n')), [{ ...parsed!, ...changes }]).map(({ from, to }) =>
      source.slice(from, to),
    );

  test('at what it is about, in code points', () => {
    expect(places('%%rust\nlet a: i32 = "a";')).toEqual(['"a"']);
    expect(places('%%rust\nlet 🦀: i32 = "🦀";')).toEqual(['"🦀"']);
  });

  test('at what it mentions, or at the first line of code, where it is about nothing in the cell', () => {
    const mentioned = { spans: parsed!.spans.map((span) => ({ ...span, primary: false })) };
    expect(places('%%rust\nlet a: i32 = "a";', mentioned)).toEqual(['"a"']);
    expect(places('# é\n%%rust\nlet a = f();\n1', { spans: [] })).toEqual(['let a = f();']);
    expect(places('%%rust', { spans: [] })).toEqual(['%%rust']);
  });

  test('inside of the text, whatever the kernel says', () => {
    const start = { line: 9, column: 9 };
    expect(places('%%rust', { spans: [{ start, end: start, primary: true }] })).toEqual(['']);
  });
});
