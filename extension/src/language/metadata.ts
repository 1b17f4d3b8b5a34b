import { copyOf, findMarker, type LanguageName, LANGUAGES } from '@ferrobook/notebook';
import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import type { Cell, ICellModel } from '@jupyterlab/cells';
import { INotebookTracker, type NotebookPanel } from '@jupyterlab/notebook';
import { onEveryCell, onEveryNotebook } from '../notebook/everyCell';
import { defaultLanguage } from './defaultLanguage';

/**
 * Copies a cell's marker into the metadata where other programs look for a cell's language: nbconvert in
 * `magics_language`, VS Code in `vscode.languageId`. The marker is the truth; the metadata follows.
 */
export const metadata: JupyterFrontEndPlugin<void> = {
  id: '@ferrobook/extension:metadata',
  description: "Mirrors the language of a cell into the cell's metadata.",
  autoStart: true,
  requires: [INotebookTracker],
  activate: (_app, tracker: INotebookTracker) => {
    onEveryCell(tracker, (cell, panel) => {
      cell.model.contentChanged.connect(() => {
        mirror(cell, panel);
      });
    });
    // Opening a notebook must not modify it, so cells that nobody touched wait until it is saved.
    onEveryNotebook(tracker, (panel) => {
      panel.context.saveState.connect((_, state) => {
        if (state !== 'started') return;
        for (const cell of panel.content.widgets) mirror(cell, panel);
      });
    });
  },
};

function mirror(cell: Cell, panel: NotebookPanel): void {
  // Elsewhere the metadata belongs to others.
  if (cell.isDisposed || defaultLanguage(panel) === undefined) return;
  const { model } = cell;
  const language =
    model.type === 'code' ? findMarker(model.sharedModel.getSource())?.language : undefined;

  const magics: unknown = model.getMetadata('magics_language');
  const { languageId, ...vscode } = copyOf(model.getMetadata('vscode'));
  const magicsNow = follow(magics, language);
  const languageIdNow = follow(languageId, language);
  if (magicsNow === magics && languageIdNow === languageId) return;

  if (languageIdNow !== undefined) vscode['languageId'] = languageIdNow;
  // Undo is for what people typed; the mirror follows it.
  model.sharedModel.transact(() => {
    setOrDelete(model, 'magics_language', magicsNow);
    setOrDelete(model, 'vscode', Object.keys(vscode).length > 0 ? vscode : undefined);
  }, false);
}

/** The marker's language; without a marker, a language that is none of ours stays. */
function follow(current: unknown, language: LanguageName | undefined): unknown {
  return language ?? (LANGUAGES.some((ours) => ours === current) ? undefined : current);
}

function setOrDelete(model: ICellModel, key: string, value: unknown): void {
  if (value === undefined) model.deleteMetadata(key);
  else model.setMetadata(key, value);
}
