import type { Diagnostic } from '../../kernel/src/languages/rust/protocol';

/** What the Rust host says about `let a: i32 = "a";` in the second line of a cell. */
export const DIAGNOSTIC: Diagnostic = {
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
