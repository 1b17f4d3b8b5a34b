import { isJsonObject } from '@ferrobook/notebook';
import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import type { MimeData } from '@lumino/coreutils';

/** What JupyterLab drags cells as: a list of them, as in a saved notebook. */
const CELLS = 'application/vnd.jupyter.cells';

/** Lumino's event, of which `source` is what the drag has begun in. */
interface DropEvent extends Event {
  source: unknown;
  mimeData: MimeData;
}

/**
 * Lets `change` have the source of each code cell that is dragged from one notebook to another, just before it arrives.
 * Its answer is the source that arrives.
 */
export function onDroppedCells(
  tracker: INotebookTracker,
  change: (source: string, from: NotebookPanel, to: NotebookPanel) => string,
): void {
  // A notebook lets nobody see the event that comes after it.
  document.addEventListener(
    'lm-drop',
    (event) => {
      const { source, target, mimeData } = event as DropEvent;
      const from = tracker.find(({ content }) => content === source);
      const to = tracker.find(({ node }) => target instanceof Node && node.contains(target));
      const cells: unknown = mimeData.getData(CELLS);
      if (from === undefined || to === undefined || from === to || !Array.isArray(cells)) return;
      mimeData.setData(
        CELLS,
        cells.map((cell: unknown) => {
          if (!isJsonObject(cell) || cell['cell_type'] !== 'code') return cell;
          const text: unknown = cell['source'];
          return typeof text === 'string' ? { ...cell, source: change(text, from, to) } : cell;
        }),
      );
    },
    true,
  );
}
