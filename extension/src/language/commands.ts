import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { INotebookTracker, type NotebookPanel } from '@jupyterlab/notebook';
import { changeKind, insertBelow } from './cellLanguage';
import { usesFerrobook } from './defaultLanguage';

interface Command {
  id: string;
  label: string;
  caption: string;
  run: (panel: NotebookPanel) => void;
}

/** Their shortcuts and their places in the context menu are in `schema/plugin.json`. */
const COMMANDS: Command[] = [
  {
    id: 'ferrobook:change-to-rust',
    label: 'Change to Rust Cell',
    caption: 'Make the selected cells Rust',
    run: (panel) => {
      changeKind(panel, 'rust');
    },
  },
  {
    id: 'ferrobook:change-to-python',
    label: 'Change to Python Cell',
    caption: 'Make the selected cells Python',
    run: (panel) => {
      changeKind(panel, 'python');
    },
  },
  {
    id: 'ferrobook:insert-rust-below',
    label: 'Insert Rust Cell Below',
    caption: 'Insert a Rust cell below the active cell',
    run: (panel) => {
      insertBelow(panel, 'rust');
    },
  },
];

export const commands: JupyterFrontEndPlugin<void> = {
  id: '@ferrobook/extension:commands',
  description: "Commands that change a cell's language.",
  autoStart: true,
  requires: [INotebookTracker],
  optional: [ICommandPalette],
  activate: (app, tracker: INotebookTracker, palette: ICommandPalette | null) => {
    const notebook = (): NotebookPanel | undefined => {
      const panel = tracker.currentWidget;
      return panel !== null && usesFerrobook(panel) ? panel : undefined;
    };
    for (const { id, label, caption, run } of COMMANDS) {
      app.commands.addCommand(id, {
        label,
        caption,
        isEnabled: () => notebook() !== undefined,
        isVisible: () => notebook() !== undefined,
        execute: () => {
          const panel = notebook();
          if (panel !== undefined) run(panel);
        },
        describedBy: { args: { type: 'object', properties: {} } },
      });
      palette?.addItem({ command: id, category: 'Notebook Cell Operations' });
    }
    tracker.currentChanged.connect(() => {
      for (const { id } of COMMANDS) app.commands.notifyCommandChanged(id);
    });
  },
};
