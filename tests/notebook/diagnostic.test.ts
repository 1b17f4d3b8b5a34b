import { parseDiagnostics } from '@ferrobook/notebook';
import { DIAGNOSTIC as diagnostic } from '../support/diagnostic';

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
