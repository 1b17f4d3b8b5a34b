import { type EditorState, type Extension, RangeSetBuilder, StateField } from '@codemirror/state';
import { Decoration, type DecorationSet, EditorView } from '@codemirror/view';
import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { CodeCellModel } from '@jupyterlab/cells';
import { EditorExtensionRegistry, IEditorExtensionRegistry } from '@jupyterlab/codemirror';
import { findMarker } from './marker';

/** Draws the marker of a cell as a chip. It stays text that can be edited. */
export const chip: JupyterFrontEndPlugin<void> = {
  id: '@ferrobook/extension:chip',
  description: 'Draws the %%rust of a Rust cell as a chip.',
  autoStart: true,
  requires: [IEditorExtensionRegistry],
  activate: (_app, editors: IEditorExtensionRegistry) => {
    editors.addExtension({
      name: 'ferrobook-chip',
      factory: ({ model }) =>
        model instanceof CodeCellModel
          ? EditorExtensionRegistry.createImmutableExtension(chipDecoration())
          : null,
    });
  },
};

function chipDecoration(): Extension {
  return StateField.define<DecorationSet>({
    create: decorations,
    update: (old, transaction) => (transaction.docChanged ? decorations(transaction.state) : old),
    provide: (field) => EditorView.decorations.from(field),
  });
}

function decorations({ doc }: EditorState): DecorationSet {
  const builder = new RangeSetBuilder<Decoration>();
  const marker = findMarker(doc.toString());
  if (marker !== undefined) {
    const { language, start, end, lineEnd } = marker;
    builder.add(start, end, Decoration.mark({ class: `ferrobook-Chip ferrobook-mod-${language}` }));
    if (lineEnd > end) {
      builder.add(end, lineEnd, Decoration.mark({ class: 'ferrobook-ChipOptions' }));
    }
  }
  return builder.finish();
}
