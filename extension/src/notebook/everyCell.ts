import type { Cell } from '@jupyterlab/cells';
import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';

/** Calls `visit` once for every view of a notebook, those that are open and those to come. */
export function onEveryNotebook(
  tracker: INotebookTracker,
  visit: (panel: NotebookPanel) => void,
): void {
  tracker.forEach(visit);
  tracker.widgetAdded.connect((_, panel) => {
    visit(panel);
  });
}

/** Calls `visit` once for every notebook, however many views it has. */
export function onEveryContext(
  tracker: INotebookTracker,
  visit: (context: NotebookPanel['context']) => void,
): void {
  const seen = new WeakSet<NotebookPanel['context']>();
  onEveryNotebook(tracker, ({ context }) => {
    if (seen.has(context)) return;
    seen.add(context);
    visit(context);
  });
}

/**
 * Calls `visit` once for every cell of every view of a notebook, as soon as it is in its notebook. A cell that changes its type
 * or is moved is a new cell to JupyterLab.
 */
export function onEveryCell(
  tracker: INotebookTracker,
  visit: (cell: Cell, panel: NotebookPanel) => void,
): void {
  const seen = new WeakSet<Cell>();
  onEveryNotebook(tracker, (panel) => {
    const visitNew = (): void => {
      for (const cell of panel.content.widgets) {
        if (seen.has(cell)) continue;
        seen.add(cell);
        visit(cell, panel);
      }
    };
    const follow = (): void => {
      panel.content.model?.cells.changed.connect(visitNew);
      visitNew();
    };
    panel.content.modelChanged.connect(follow);
    follow();
  });
}
