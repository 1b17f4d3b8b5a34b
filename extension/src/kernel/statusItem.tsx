import type { Activity } from '@ferrobook/notebook';
import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ReactWidget } from '@jupyterlab/apputils';
import { INotebookTracker } from '@jupyterlab/notebook';
import { IStatusBar, TextItem } from '@jupyterlab/statusbar';
import { Signal } from '@lumino/signaling';
import * as React from 'react';
import { onCurrentNotebook } from './currentNotebook';

/** Says in the status bar what the Rust side of the current notebook is at. */
export const statusItem: JupyterFrontEndPlugin<void> = {
  id: '@ferrobook/extension:status',
  description: 'Shows in the status bar what Rust is at.',
  autoStart: true,
  requires: [INotebookTracker, IStatusBar],
  activate: (_app, tracker: INotebookTracker, statusBar: IStatusBar) => {
    const item = new RustStatus();
    statusBar.registerStatusItem('@ferrobook/extension:status', {
      item,
      align: 'left',
      rank: 3, // after the kernel's
      isActive: () => item.activity !== undefined,
      activeStateChanged: item.activeChanged,
    });
    onCurrentNotebook(tracker, (_, control) => {
      item.tell(control?.activity);
    });
  },
};

/** What Rust is at, in a few words and in a sentence. */
export interface RustState {
  text: string;
  title: string;
}

/** What is said of Rust. A running cell says more than that Rust is there. */
export function rustState({ languages: { rust }, cell }: Activity): RustState {
  if (cell?.language === 'rust' && cell.phase !== 'start') {
    if (cell.phase === 'run') return { text: 'running', title: 'A Rust cell runs' };
    if (cell.crates === null) return { text: 'compiling', title: 'A Rust cell is compiled' };
    const { done, total } = cell.crates;
    return {
      text: `compiling crate ${Math.min(done + 1, total)} of ${total}`,
      title: 'The crates that a Rust cell needs are compiled, and then the cell',
    };
  }
  switch (rust.state) {
    case 'starting':
      return { text: 'starting', title: 'Rust cells wait until Rust has started' };
    case 'stopped':
      return { text: 'stopped', title: 'Rust starts with the next Rust cell' };
    case 'unavailable':
      return { text: 'not available', title: rust.problem ?? 'Rust cells cannot run' };
    case 'ready':
      return rust.restarted
        ? { text: 'restarted', title: 'Rust was started afresh: its variables and items are gone' }
        : { text: 'ready', title: 'Rust cells can run' };
  }
}

class RustStatus extends ReactWidget {
  readonly activeChanged = new Signal<this, void>(this);
  private shown: Activity | undefined;

  constructor() {
    super();
    this.addClass('ferrobook-RustStatus');
  }

  get activity(): Activity | undefined {
    return this.shown;
  }

  tell(activity: Activity | undefined): void {
    const isChange = (activity === undefined) !== (this.shown === undefined);
    this.shown = activity;
    this.update();
    if (isChange) this.activeChanged.emit();
  }

  override render(): React.JSX.Element | null {
    if (this.shown === undefined) return null;
    const { text, title } = rustState(this.shown);
    return <TextItem source={`Rust: ${text}`} title={title} />;
  }
}
