import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { CodeCell, CodeCellModel } from '@jupyterlab/cells';
import { EditorExtensionRegistry, IEditorExtensionRegistry } from '@jupyterlab/codemirror';
import { INotebookTracker, type NotebookPanel } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { onEveryCell, onEveryContext } from '../notebook/everyCell';
import { SETTINGS_ID } from '../settings';
import { CellChecks, DIAGNOSTICS_SETTINGS, type DiagnosticsSetting } from './cellChecks';
import { diagnosticKeys } from './editorDiagnostics';

/** Shows in Rust cells what the compiler objects to. */
export const checking: JupyterFrontEndPlugin<void> = {
  id: '@ferrobook/extension:checking',
  description: 'Marks errors in Rust cells while they are typed, and after a run.',
  autoStart: true,
  requires: [INotebookTracker, ISettingRegistry, IEditorExtensionRegistry],
  activate: async (
    _app,
    tracker: INotebookTracker,
    registry: ISettingRegistry,
    editors: IEditorExtensionRegistry,
  ) => {
    editors.addExtension({
      name: 'ferrobook-diagnostics',
      factory: ({ model }) =>
        model instanceof CodeCellModel
          ? EditorExtensionRegistry.createImmutableExtension(diagnosticKeys)
          : null,
    });
    const settings = await registry.load(SETTINGS_ID);
    const setting = (): DiagnosticsSetting =>
      DIAGNOSTICS_SETTINGS.find((known) => known === settings.get('marks').composite) ??
      'as you type';
    const ofNotebooks = new WeakMap<NotebookPanel['context'], CellChecks>();
    onEveryContext(tracker, (context) => {
      ofNotebooks.set(context, new CellChecks(context, setting));
    });
    onEveryCell(tracker, (cell, { context }) => {
      if (cell instanceof CodeCell) ofNotebooks.get(context)?.follow(cell);
    });
    settings.changed.connect(() => {
      tracker.forEach(({ context }) => ofNotebooks.get(context)?.settingChanged());
    });
  },
};
