import type { Extension, Range } from '@codemirror/state';
import {
  Decoration,
  type DecorationSet,
  type EditorView,
  ViewPlugin,
  type ViewUpdate,
  WidgetType,
} from '@codemirror/view';
import { chipWords, findMarker, type LanguageName, type Marker } from '@ferrobook/notebook';
import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { CodeCellModel } from '@jupyterlab/cells';
import { EditorExtensionRegistry, IEditorExtensionRegistry } from '@jupyterlab/codemirror';

/** Draws the marker of a cell as a chip with its options in words. Where the cursor is in it, it is the text that it is. */
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
  return ViewPlugin.fromClass(ChipPlugin, { decorations: ({ decorations }) => decorations });
}

class ChipPlugin {
  decorations: DecorationSet;
  private marker: Marker | undefined;

  constructor(view: EditorView) {
    this.marker = findMarker(view.state.doc.toString());
    this.decorations = this.draw(view);
  }

  update({ view, docChanged, selectionSet, focusChanged }: ViewUpdate): void {
    if (docChanged) this.marker = findMarker(view.state.doc.toString());
    if (docChanged || selectionSet || focusChanged) this.decorations = this.draw(view);
  }

  private draw(view: EditorView): DecorationSet {
    const { marker } = this;
    if (marker === undefined) return Decoration.none;
    return Decoration.set(isEdited(view, marker) ? text(marker) : [drawn(view, marker)]);
  }
}

function isEdited({ hasFocus, state }: EditorView, { lineStart, lineEnd }: Marker): boolean {
  return (
    hasFocus && state.selection.ranges.some(({ from, to }) => from <= lineEnd && to >= lineStart)
  );
}

function text({ language, start, end, lineEnd }: Marker): Range<Decoration>[] {
  const word = Decoration.mark({ class: `ferrobook-Chip ferrobook-mod-${language}` });
  const options = Decoration.mark({ class: 'ferrobook-ChipOptions' });
  return [word.range(start, end), ...(lineEnd > end ? [options.range(end, lineEnd)] : [])];
}

function drawn(
  { state }: EditorView,
  { language, start, end, lineEnd }: Marker,
): Range<Decoration> {
  const widget = new MarkerChip(
    language,
    state.sliceDoc(start, lineEnd),
    chipWords(language, state.sliceDoc(end, lineEnd)),
  );
  return Decoration.replace({ widget }).range(start, lineEnd);
}

/** The setting decides by a class of the page which of the two is seen. */
class MarkerChip extends WidgetType {
  constructor(
    private readonly language: LanguageName,
    private readonly source: string,
    private readonly words: string,
  ) {
    super();
  }

  override eq({ source }: MarkerChip): boolean {
    return source === this.source;
  }

  toDOM(): HTMLElement {
    const node = document.createElement('span');
    node.className = `ferrobook-Chip ferrobook-mod-${this.language}`;
    node.title = this.source;
    for (const [name, content] of [
      ['ferrobook-ChipWords', this.words],
      ['ferrobook-ChipSource', this.source],
    ] as const) {
      const part = document.createElement('span');
      part.className = name;
      part.textContent = content;
      node.append(part);
    }
    return node;
  }

  /** A click puts the cursor into the line, which then is text. */
  override ignoreEvent(): boolean {
    return false;
  }
}
