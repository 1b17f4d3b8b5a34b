import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { ICommandPalette } from '@jupyterlab/apputils';
import type { Widget } from '@lumino/widgets';

/** How a panel is placed, and how it is found. */
interface Placing {
  /** Where it stands among the others. */
  rank: number;
  /** JupyterLab's name for this kind of panel. */
  type: string;
  /** The command that shows it. */
  command: string;
  label: string;
  caption: string;
}

/** Adds a panel to the right side, and the command that shows it. */
export function addSidePanel(
  app: JupyterFrontEnd,
  palette: ICommandPalette | null,
  panel: Widget,
  { rank, type, command, label, caption }: Placing,
): void {
  app.shell.add(panel, 'right', { rank, type });
  app.commands.addCommand(command, {
    label,
    caption,
    execute: () => {
      app.shell.activateById(panel.id);
    },
    describedBy: { args: { type: 'object', properties: {} } },
  });
  palette?.addItem({ command, category: 'Notebook Operations' });
}
