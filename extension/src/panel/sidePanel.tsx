import type { JupyterFrontEnd } from '@jupyterlab/application';
import { type ICommandPalette, ReactWidget } from '@jupyterlab/apputils';
import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import type { LabIcon } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import { Debouncer } from '@lumino/polling';
import * as React from 'react';
import { onCurrentNotebook } from '../kernel/currentNotebook';
import type { KernelControl } from '../kernel/kernelControl';

/** What a panel is called, and where it stands. */
export interface PanelDefinition {
  /** Begins the names of the widget and of the command that shows it: `timing` makes `ferrobook:show-timing-panel`. */
  id: string;
  title: string;
  icon: LabIcon;
  /** Where it stands among the others. */
  rank: number;
  /** What the command does, in a sentence. */
  caption: string;
  /** How long changes are collected before the panel is refreshed, in milliseconds. */
  delay: number;
}

/** A panel about the current notebook: the frame of all of them, and when what is in it is brought up to date. */
export abstract class SidePanel extends ReactWidget {
  private readonly refreshed: Debouncer;

  constructor(readonly definition: PanelDefinition) {
    super();
    const { id, title, icon, delay } = definition;
    this.id = `ferrobook-${id}-panel`;
    this.addClass('ferrobook-Panel');
    this.title.icon = icon;
    this.title.caption = title;
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', title);
    this.refreshed = new Debouncer(() => this.refresh(), delay);
  }

  /** Another notebook is the current one, or its kernel has something new to tell. */
  abstract follow(notebook: NotebookPanel | undefined, control: KernelControl | undefined): void;

  /** What is below the title: a sentence where there is nothing to show. */
  protected abstract renderContent(): React.JSX.Element | string;

  /** Brings what is shown up to date. A panel that has to ask for it does so here. */
  protected refresh(): void | Promise<void> {
    this.update();
  }

  /** Something that the panel shows has changed. One that nobody sees waits until it is shown. */
  protected readonly refreshSoon = (): void => {
    if (this.isVisible) void this.refreshed.invoke();
  };

  override dispose(): void {
    this.refreshed.dispose();
    super.dispose();
  }

  override render(): React.JSX.Element {
    const content = this.renderContent();
    return (
      <>
        <h2 className="ferrobook-PanelTitle">{this.definition.title}</h2>
        {typeof content === 'string' ? <p className="ferrobook-PanelEmpty">{content}</p> : content}
      </>
    );
  }

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this.update();
    this.refreshSoon();
  }
}

/** Adds a panel to the right side, and the command that shows it. It follows the current notebook from now on. */
export function addSidePanel(
  app: JupyterFrontEnd,
  tracker: INotebookTracker,
  palette: ICommandPalette | null,
  panel: SidePanel,
): void {
  const { id, title, rank, caption } = panel.definition;
  const command = `ferrobook:show-${id}-panel`;
  app.shell.add(panel, 'right', { rank, type: title });
  app.commands.addCommand(command, {
    label: `Show ${title}`,
    caption,
    execute: () => {
      app.shell.activateById(panel.id);
    },
    describedBy: { args: { type: 'object', properties: {} } },
  });
  palette?.addItem({ command, category: 'Notebook Operations' });
  onCurrentNotebook(tracker, (notebook, control) => {
    panel.follow(notebook, control);
  });
}
