import { findMarker, type LanguageName } from '@ferrobook/notebook';
import type { Cell } from '@jupyterlab/cells';
import { NotebookActions, type NotebookPanel } from '@jupyterlab/notebook';
import { defaultLanguage } from './defaultLanguage';
import { languageEdit } from './markerEdits';

/** What the toolbar calls a cell: its language, or its type where it has none. */
export type CellKind = LanguageName | 'markdown' | 'raw';

/** A notebook's default language; one that is not Ferrobook's but has Rust cells is taken for Python. */
export function fallbackLanguage(panel: NotebookPanel): LanguageName {
  return defaultLanguage(panel) ?? 'python';
}

export function kindOf({ model }: Cell, fallback: LanguageName): CellKind {
  if (model.type === 'code') return findMarker(model.sharedModel.getSource())?.language ?? fallback;
  return model.type === 'markdown' ? 'markdown' : 'raw';
}

export function selectedCells({ content }: NotebookPanel): Cell[] {
  return content.widgets.filter((cell) => content.isSelectedOrActive(cell));
}

/**
 * Changes the selected cells. Markers come and go as needed. As with every change of type, the selection ends, and undoing
 * it is a matter of the notebook, for all cells at once.
 */
export function changeKind(panel: NotebookPanel, kind: CellKind): void {
  const isText = kind === 'markdown' || kind === 'raw';
  const before = selectedCells(panel).map((cell) => ({
    place: panel.content.widgets.indexOf(cell),
    type: cell.model.type,
  }));
  // JupyterLab replaces cells that were of another type.
  NotebookActions.changeCellType(panel.content, isText ? kind : 'code');
  const fallback = fallbackLanguage(panel);
  for (const { place, type } of before) {
    const cell = panel.content.widgets[place];
    if (cell === undefined) continue;
    if (!isText) setLanguage(panel, cell, kind, fallback);
    // What was a marker would be text.
    else if (type === 'code' && cell.model.type === kind) {
      setLanguage(panel, cell, fallback, fallback);
    }
  }
}

/** Inserts a cell below the active one, with the cursor where its code begins. */
export function insertBelow(panel: NotebookPanel, language: LanguageName): void {
  NotebookActions.insertBelow(panel.content);
  changeKind(panel, language);
}

/** Gives a cell the marker that it needs, as a change of the notebook: undone with what JupyterLab did just before. */
export function setLanguage(
  panel: NotebookPanel,
  cell: Cell,
  language: LanguageName,
  fallback: LanguageName,
): void {
  const { model } = cell;
  if (model.getMetadata('editable') === false) return;
  const edit = languageEdit(model.sharedModel.getSource(), language, fallback);
  if (edit === undefined) return;
  panel.content.model?.sharedModel.transact(() => {
    model.sharedModel.updateSource(edit.start, edit.end, edit.text);
  });
  if (edit.text !== '') void cell.ready.then(() => leaveMarkerLine(cell));
}

/** A cursor that was at the start of the cell would now be in front of the marker. */
function leaveMarkerLine({ editor, model, isDisposed }: Cell): void {
  if (isDisposed || editor === null) return;
  const code = (findMarker(model.sharedModel.getSource())?.lineEnd ?? -1) + 1;
  const position = editor.getPositionAt(code);
  if (position !== undefined && editor.getOffsetAt(editor.getCursorPosition()) < code) {
    editor.setCursorPosition(position);
  }
}
