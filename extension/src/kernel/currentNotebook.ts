import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import { KernelControl } from './kernelControl';

/**
 * Calls `changed` when another notebook is the current one, and when the kernel of the current one has something new to
 * tell; at once, too.
 */
export function onCurrentNotebook(
  tracker: INotebookTracker,
  changed: (panel: NotebookPanel | undefined, control: KernelControl | undefined) => void,
): void {
  let panel: NotebookPanel | undefined;
  let control: KernelControl | undefined;
  const tell = (): void => {
    changed(panel, control);
  };
  const follow = (): void => {
    control?.activityChanged.disconnect(tell);
    panel = tracker.currentWidget ?? undefined;
    control = panel === undefined ? undefined : KernelControl.of(panel);
    control?.activityChanged.connect(tell);
    tell();
  };
  tracker.currentChanged.connect(follow);
  follow();
}
