import { Text } from '@codemirror/state';
import { parseDiagnostics } from '@ferrobook/notebook';
import { DIAGNOSTIC } from '../../tests/support/diagnostic';
import { editorDiagnostics } from '../src/diagnostics/editorDiagnostics';

describe('where a diagnostic is marked', () => {
  const [parsed] = parseDiagnostics([DIAGNOSTIC])!;
  const places = (source: string, changes: Partial<typeof parsed> = {}): string[] =>
    editorDiagnostics(Text.of(source.split('\n')), [{ ...parsed!, ...changes }]).map(
      ({ from, to }) => source.slice(from, to),
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
