import { LANGUAGE_LABELS, type LanguageName, LANGUAGES } from '@ferrobook/notebook';
import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Dialog, ICommandPalette, showDialog, showErrorMessage } from '@jupyterlab/apputils';
import { INotebookTracker } from '@jupyterlab/notebook';
import { onCurrentNotebook } from './currentNotebook';
import type { KernelControl } from './kernelControl';

/** What a restart costs, and what it does not. */
const LOSSES: Readonly<Record<LanguageName, string>> = {
  python: 'All variables and imports of Python will be lost. Rust keeps everything.',
  rust: 'All variables, items and crates of Rust will be lost. Python keeps everything.',
};

/** "Restart Rust" and "Restart Python"; their places in the kernel menu are in `schema/plugin.json`. */
export const restart: JupyterFrontEndPlugin<void> = {
  id: '@ferrobook/extension:restart',
  description: 'Starts one language of the kernel afresh, while the other keeps everything.',
  autoStart: true,
  requires: [INotebookTracker],
  optional: [ICommandPalette],
  activate: ({ commands }, tracker: INotebookTracker, palette: ICommandPalette | null) => {
    let current: KernelControl | undefined;
    const isOffered = (): boolean => current?.isConnected === true;
    for (const language of LANGUAGES) {
      const label = LANGUAGE_LABELS[language];
      commands.addCommand(commandOf(language), {
        label: `Restart ${label}…`,
        caption: `Start ${label} afresh`,
        isEnabled: isOffered,
        isVisible: isOffered,
        execute: async () => {
          const control = current;
          if (control === undefined || !(await isConfirmed(language))) return;
          try {
            await control.request('restart', { language });
          } catch (error) {
            await showErrorMessage(`${label} could not be restarted`, error as Error);
          }
        },
        describedBy: { args: { type: 'object', properties: {} } },
      });
      palette?.addItem({ command: commandOf(language), category: 'Kernel Operations' });
    }
    onCurrentNotebook(tracker, (_, control) => {
      const wasOffered = isOffered();
      current = control;
      if (isOffered() === wasOffered) return;
      for (const language of LANGUAGES) commands.notifyCommandChanged(commandOf(language));
    });
  },
};

function commandOf(language: LanguageName): string {
  return `ferrobook:restart-${language}`;
}

async function isConfirmed(language: LanguageName): Promise<boolean> {
  const label = LANGUAGE_LABELS[language];
  const { button } = await showDialog({
    title: `Restart ${label}?`,
    body: LOSSES[language],
    buttons: [Dialog.cancelButton(), Dialog.warnButton({ label: `Restart ${label}` })],
  });
  return button.accept;
}
