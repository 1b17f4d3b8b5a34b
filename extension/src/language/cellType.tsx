import { LANGUAGE_LABELS, LANGUAGES } from '@ferrobook/notebook';
import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IToolbarWidgetRegistry, ReactWidget } from '@jupyterlab/apputils';
import { INotebookTracker, INotebookWidgetFactory, type NotebookPanel } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator, type TranslationBundle } from '@jupyterlab/translation';
import { HTMLSelect } from '@jupyterlab/ui-components';
import * as React from 'react';
import { type CellKind, changeKind, fallbackLanguage, kindOf, selectedCells } from './cellLanguage';
import { onDefaultLanguageChanged, usesFerrobook } from './defaultLanguage';

/** Offers the notebook's other language in the toolbar's menu of cell types. */
export const cellType: JupyterFrontEndPlugin<void> = {
  id: '@ferrobook/extension:cell-type',
  description: "Adds Rust to the notebook toolbar's cell types.",
  autoStart: true,
  // The notebook's own plugin registers the menu that ours takes the place of, so it must come first.
  requires: [IToolbarWidgetRegistry, INotebookTracker, INotebookWidgetFactory],
  optional: [ITranslator],
  activate: (
    _app,
    toolbar: IToolbarWidgetRegistry,
    _tracker: INotebookTracker,
    _factory: unknown,
    translator: ITranslator | null,
  ) => {
    const trans = (translator ?? nullTranslator).load('jupyterlab');
    toolbar.addFactory<NotebookPanel>(
      'Notebook',
      'cellType',
      (panel) => new CellTypeMenu(panel, trans),
    );
  },
};

const SEVERAL = '-';

class CellTypeMenu extends ReactWidget {
  constructor(
    private readonly panel: NotebookPanel,
    private readonly trans: TranslationBundle,
  ) {
    super();
    this.addClass('jp-Notebook-toolbarCellType');
    const update = (): void => {
      this.update();
    };
    panel.content.activeCellChanged.connect(update);
    panel.content.selectionChanged.connect(update);
    panel.content.modelContentChanged.connect(update); // a marker that was typed
    onDefaultLanguageChanged(panel, update);
  }

  override render(): React.JSX.Element {
    return (
      <HTMLSelect
        className="jp-Notebook-toolbarCellTypeDropdown"
        value={this.shownKind()}
        onChange={(event) => {
          const kind = this.kinds().find((known) => known === event.target.value);
          if (kind === undefined) return;
          changeKind(this.panel, kind);
          this.panel.content.activate();
          this.update();
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter') this.panel.content.activate();
        }}
        aria-label={this.trans.__('Cell type')}
        title={this.trans.__('Select the cell type')}
      >
        <option value={SEVERAL}>{SEVERAL}</option>
        {this.kinds().map((kind) => (
          <option key={kind} value={kind}>
            {this.label(kind)}
          </option>
        ))}
      </HTMLSelect>
    );
  }

  /** The default language comes first, and is called Code as in every notebook. */
  private kinds(): CellKind[] {
    const fallback = fallbackLanguage(this.panel);
    const others = LANGUAGES.filter((language) => language !== fallback);
    return [fallback, ...(usesFerrobook(this.panel) ? others : []), 'markdown', 'raw'];
  }

  private label(kind: CellKind): string {
    if (kind === fallbackLanguage(this.panel)) return this.trans.__('Code');
    if (kind === 'markdown') return this.trans.__('Markdown');
    if (kind === 'raw') return this.trans.__('Raw');
    return LANGUAGE_LABELS[kind];
  }

  private shownKind(): string {
    const fallback = fallbackLanguage(this.panel);
    const kinds = new Set(selectedCells(this.panel).map((cell) => kindOf(cell, fallback)));
    const [kind] = kinds;
    return kind !== undefined && kinds.size === 1 ? kind : SEVERAL;
  }
}
