import { findMarker, type LanguageName } from '@ferrobook/notebook';
import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import type { Cell } from '@jupyterlab/cells';
import { INotebookTracker, type NotebookPanel } from '@jupyterlab/notebook';
import { onDroppedCells } from '../notebook/droppedCells';
import { onEveryCell, onEveryNotebook } from '../notebook/everyCell';
import { type CellKind, fallbackLanguage, kindOf, setLanguage } from './cellLanguage';
import { defaultLanguage, usesFerrobook } from './defaultLanguage';
import { languageEdit, withoutMarkers } from './markerEdits';

const SPLIT = 'notebook:split-cell-at-cursor';
const MERGE: ReadonlySet<string> = new Set([
  'notebook:merge-cells',
  'notebook:merge-cell-above',
  'notebook:merge-cell-below',
]);
const COPY: ReadonlySet<string> = new Set(['notebook:copy-cell', 'notebook:cut-cell']);
const PASTE: ReadonlySet<string> = new Set([
  'notebook:paste-cell-below',
  'notebook:paste-cell-above',
  'notebook:paste-and-replace-cell',
]);

/**
 * Lets cells keep their language when they are split, merged, and copied or dragged to a notebook with another default:
 * JupyterLab moves text, and a marker is in one of the pieces only, or in the middle of the whole.
 */
export const keepLanguage: JupyterFrontEndPlugin<void> = {
  id: '@ferrobook/extension:keep-language',
  description:
    'Keeps the language of cells that are split, merged, copied or dragged between notebooks.',
  autoStart: true,
  requires: [INotebookTracker],
  activate: ({ commands }, tracker: INotebookTracker) => {
    const before = new Before(tracker);
    /** The default language of the notebook that cells were copied from, if it is one of Ferrobook's. */
    let copiedFrom: LanguageName | undefined;
    // The signal comes when the command has done its work, and before anything else happens.
    commands.commandExecuted.connect((_, { id }) => {
      const panel = tracker.currentWidget;
      if (panel === null) return;
      if (COPY.has(id)) copiedFrom = defaultLanguage(panel);
      else if (!usesFerrobook(panel)) return;
      else if (id === SPLIT) keepInSplit(panel, before);
      else if (MERGE.has(id)) keepInMerge(panel, before);
      else if (PASTE.has(id)) arrive(panel, before.knownIn(panel), copiedFrom);
    });
    onDroppedCells(tracker, (source, from, to) => {
      const theirs = needsMarker(defaultLanguage(from), to);
      if (theirs === undefined || findMarker(source) !== undefined) return source;
      return (languageEdit(source, theirs, fallbackLanguage(to))?.text ?? '') + source;
    });
  },
};

/** What cells were before the command that is being carried out. */
class Before {
  private readonly known = new WeakMap<NotebookPanel, Set<string>>();
  private readonly active = new WeakMap<NotebookPanel, CellKind>();

  constructor(tracker: INotebookTracker) {
    onEveryCell(tracker, (cell, panel) => {
      const note = (): void => {
        afterwards(() => {
          if (cell.isDisposed) return;
          this.knownIn(panel).add(cell.model.id);
          if (panel.content.activeCell === cell) this.noteActive(panel);
        });
      };
      cell.model.contentChanged.connect(note);
      note();
    });
    onEveryNotebook(tracker, (panel) => {
      panel.content.activeCellChanged.connect(() => {
        afterwards(() => {
          if (!panel.isDisposed) this.noteActive(panel);
        });
      });
    });
  }

  /** The ids of a notebook's cells. */
  knownIn(panel: NotebookPanel): Set<string> {
    const known = this.known.get(panel) ?? new Set();
    this.known.set(panel, known);
    return known;
  }

  kindOfActive(panel: NotebookPanel): CellKind | undefined {
    return this.active.get(panel);
  }

  private noteActive(panel: NotebookPanel): void {
    const { activeCell } = panel.content;
    if (activeCell !== null) {
      this.active.set(panel, kindOf(activeCell, fallbackLanguage(panel)));
    }
  }
}

/** When the command that is being carried out, if any, has come to its end. */
function afterwards(action: () => void): void {
  queueMicrotask(action);
}

/** The pieces are new cells above the one that was split, which holds the last piece. */
function keepInSplit(panel: NotebookPanel, before: Before): void {
  const kind = before.kindOfActive(panel);
  if (kind !== 'rust' && kind !== 'python') return;
  const pieces = newCells(panel, before.knownIn(panel));
  const last = pieces.at(-1);
  const whole = last === undefined ? undefined : panel.content.widgets[indexOf(panel, last) + 1];
  for (const cell of whole === undefined ? [] : [...pieces, whole]) {
    setLanguage(panel, cell, kind, fallbackLanguage(panel));
  }
}

/** The whole is what the active cell was. */
function keepInMerge(panel: NotebookPanel, before: Before): void {
  const kind = before.kindOfActive(panel);
  const [whole] = newCells(panel, before.knownIn(panel));
  if (whole === undefined || (kind !== 'rust' && kind !== 'python')) return;
  const { sharedModel } = whole.model;
  const source = sharedModel.getSource();
  const text = withoutMarkers(source);
  if (text !== source) {
    panel.content.model?.sharedModel.transact(() => {
      sharedModel.setSource(text);
    });
  }
  setLanguage(panel, whole, kind, fallbackLanguage(panel));
}

/** Cells have come from a notebook whose cells without a marker are `theirs`. */
function arrive(
  panel: NotebookPanel,
  known: ReadonlySet<string>,
  theirs: LanguageName | undefined,
): void {
  const language = needsMarker(theirs, panel);
  if (language === undefined) return;
  for (const cell of newCells(panel, known)) {
    if (findMarker(cell.model.sharedModel.getSource()) !== undefined) continue;
    setLanguage(panel, cell, language, fallbackLanguage(panel));
  }
}

/**
 * The language that cells without a marker have where they come from, if they would have another one in `panel`. A
 * notebook of another kernel has nothing to say, and nothing to be told.
 */
function needsMarker(
  theirs: LanguageName | undefined,
  panel: NotebookPanel,
): LanguageName | undefined {
  return usesFerrobook(panel) && theirs !== fallbackLanguage(panel) ? theirs : undefined;
}

function newCells(panel: NotebookPanel, known: ReadonlySet<string>): Cell[] {
  return panel.content.widgets.filter(({ model }) => model.type === 'code' && !known.has(model.id));
}

function indexOf(panel: NotebookPanel, cell: Cell): number {
  return panel.content.widgets.indexOf(cell);
}
