import { findMarker } from '@ferrobook/notebook';
import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import type { Cell } from '@jupyterlab/cells';
import { IEditorLanguageRegistry } from '@jupyterlab/codemirror';
import { INotebookTracker, type NotebookPanel } from '@jupyterlab/notebook';
import { onEveryCell, onEveryNotebook } from '../notebook/everyCell';
import { defaultLanguage, onDefaultLanguageChanged } from './defaultLanguage';
import { RUST_CELL, rustCellLanguage } from './rustGrammar';

const PYTHON = 'text/x-ipython';

/** Colours each cell as its own language, where JupyterLab colours all as the kernel's. */
export const highlighting: JupyterFrontEndPlugin<void> = {
  id: '@ferrobook/extension:highlighting',
  description: 'Highlights Rust cells as Rust.',
  autoStart: true,
  requires: [INotebookTracker, IEditorLanguageRegistry],
  activate: (_app, tracker: INotebookTracker, languages: IEditorLanguageRegistry) => {
    languages.addLanguage(rustCellLanguage(languages));
    const highlight = (cell: Cell, panel: NotebookPanel): void => {
      const { model } = cell;
      const isRight = (): boolean =>
        cell.isDisposed ||
        model.type !== 'code' ||
        model.mimeType === mimeType(model.sharedModel.getSource(), panel);
      if (isRight()) return;
      // Of two grammars that an editor is told to use it keeps the one that takes longer to load.
      const loaded = languages.getLanguage(model.mimeType).catch(() => undefined);
      void loaded.then(() => {
        if (!isRight()) model.mimeType = mimeType(model.sharedModel.getSource(), panel);
      });
    };
    onEveryNotebook(tracker, (panel) => {
      onDefaultLanguageChanged(panel, () => {
        for (const cell of panel.content.widgets) highlight(cell, panel);
      });
    });
    onEveryCell(tracker, (cell, panel) => {
      const again = (): void => {
        highlight(cell, panel);
      };
      again();
      cell.model.contentChanged.connect(again);
      // JupyterLab sets every code cell's MIME type when the kernel changes; ours comes last.
      cell.model.mimeTypeChanged.connect(again);
    });
  },
};

function mimeType(source: string, panel: NotebookPanel): string {
  const fallback = defaultLanguage(panel);
  const marked = findMarker(source)?.language;
  if ((marked ?? fallback) === 'rust') return RUST_CELL;
  // In a notebook that is not ours `%%python` is IPython's magic, and as good as the kernel's own language.
  return marked === 'python' && fallback === 'rust' ? PYTHON : panel.content.codeMimetype;
}
