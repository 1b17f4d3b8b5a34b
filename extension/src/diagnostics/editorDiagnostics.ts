import {
  type Action,
  type Diagnostic as EditorDiagnostic,
  forEachDiagnostic,
  nextDiagnostic,
  previousDiagnostic,
  setDiagnostics,
} from '@codemirror/lint';
import type { Extension, Text } from '@codemirror/state';
import { type EditorView, keymap } from '@codemirror/view';
import {
  type Diagnostic,
  findMarker,
  type Fix,
  type Position,
  type Range,
} from '@ferrobook/notebook';

/**
 * The keys of an editor's diagnostics, where there are any: `F8` and `Shift F8` go to the next one and the one before,
 * `Ctrl .` applies the fix of the one at the cursor.
 */
export const diagnosticKeys: Extension = keymap.of([
  { key: 'F8', run: nextDiagnostic, shift: previousDiagnostic },
  { key: 'Mod-.', run: applyFix },
]);

/** Underlines what is wrong with a cell. The diagnostics are about the text that the editor shows. */
export function showDiagnostics(view: EditorView, diagnostics: readonly Diagnostic[]): void {
  view.dispatch(setDiagnostics(view.state, editorDiagnostics(view.state.doc, diagnostics)));
}

/** Whether there was a fix to apply. */
function applyFix(view: EditorView): boolean {
  const { head } = view.state.selection.main;
  const fixes: (() => void)[] = [];
  forEachDiagnostic(view.state, ({ actions = [] }, from, to) => {
    if (head < from || head > to) return;
    fixes.push(
      ...actions.map(
        ({ apply }) =>
          () =>
            apply(view, from, to),
      ),
    );
  });
  fixes[0]?.();
  return fixes.length > 0;
}

/** The diagnostics of a text as its editor takes them, from its beginning to its end. */
export function editorDiagnostics(
  doc: Text,
  diagnostics: readonly Diagnostic[],
): EditorDiagnostic[] {
  return diagnostics
    .flatMap(({ severity, message, rendered, spans, fixes }) => {
      const about = spans.filter(({ primary }) => primary);
      const shown = about.length > 0 ? about : spans.slice(0, 1);
      const ranges =
        shown.length > 0 ? shown.map((span) => rangeOf(doc, span)) : [firstLineOfCode(doc)];
      return ranges.map((range) => ({
        ...range,
        severity,
        message,
        renderMessage: () => report(rendered),
        actions: fixes.map((fix) => action(fix, doc)),
      }));
    })
    .sort((a, b) => a.from - b.from || a.to - b.to);
}

/** Applies a fix to the text that it was made for; what has been typed since makes it void. */
function action(fix: Fix, doc: Text): Action {
  return {
    name: `${fix.sure ? 'Apply fix' : 'Try'}: ${fix.message}`,
    apply: (view) => {
      if (!view.state.doc.eq(doc)) return;
      view.dispatch({
        changes: fix.edits.map((edit) => ({ ...rangeOf(doc, edit), insert: edit.text })),
        userEvent: 'input.fix',
      });
    },
  };
}

function report(text: string): HTMLElement {
  const node = document.createElement('pre');
  node.className = 'ferrobook-Diagnostic';
  node.textContent = text;
  return node;
}

function rangeOf(doc: Text, { start, end }: Range): { from: number; to: number } {
  const from = offsetOf(doc, start);
  return { from, to: Math.max(from, offsetOf(doc, end)) };
}

/** CodeMirror counts UTF-16 units. */
function offsetOf(doc: Text, { line: number, column }: Position): number {
  if (number > doc.lines) return doc.length;
  const line = doc.line(number);
  const before = [...line.text].slice(0, column - 1).join('');
  return line.from + before.length;
}

function firstLineOfCode(doc: Text): { from: number; to: number } {
  const marker = findMarker(doc.toString());
  const line = doc.lineAt(Math.min(marker === undefined ? 0 : marker.lineEnd + 1, doc.length));
  return { from: line.from, to: line.to };
}
