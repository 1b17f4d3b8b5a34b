import type { NotebookPanel } from '@jupyterlab/notebook';

/** Makes a cell of a notebook the active one, in sight and with the focus. Other cells are deselected. */
export function revealCell({ content }: NotebookPanel, index: number): void {
  content.deselectAll();
  content.activeCellIndex = index;
  void content.scrollToItem(index, 'center').catch(() => undefined);
  content.activate();
}
