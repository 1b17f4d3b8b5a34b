import {
  byteSize,
  LANGUAGE_LABELS,
  LANGUAGES,
  type ListedVariable,
  parseValue,
  parseVariables,
  type VariableValue,
} from '@ferrobook/notebook';
import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { INotebookTracker } from '@jupyterlab/notebook';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { JSONObject } from '@lumino/coreutils';
import { Widget } from '@lumino/widgets';
import * as React from 'react';
import type { KernelControl } from '../kernel/kernelControl';
import { addSidePanel, SidePanel } from '../panel/sidePanel';
import { variablesIcon } from './variablesIcon';

/** A side panel with the variables of both languages. */
export const variablesPanel: JupyterFrontEndPlugin<void> = {
  id: '@ferrobook/extension:variables-panel',
  description: 'Shows the variables of Python and Rust in a side panel.',
  autoStart: true,
  requires: [INotebookTracker, IRenderMimeRegistry],
  optional: [ICommandPalette],
  activate: (
    app,
    tracker: INotebookTracker,
    rendermime: IRenderMimeRegistry,
    palette: ICommandPalette | null,
  ) => {
    addSidePanel(app, tracker, palette, new VariablesPanel(rendermime));
  },
};

class VariablesPanel extends SidePanel {
  private control: KernelControl | undefined;
  private variables: ListedVariable[] | undefined;
  /** The values of the variables that are open; `undefined` until the kernel has answered. */
  private readonly open = new Map<string, VariableValue | undefined>();

  constructor(private readonly rendermime: IRenderMimeRegistry) {
    super({
      id: 'variables',
      title: 'Variables',
      icon: variablesIcon,
      rank: 601,
      caption: 'Show the variables of Python and Rust',
      delay: 300, // so that the kernel is not asked between cells that follow each other
    });
  }

  override follow(_notebook: unknown, control: KernelControl | undefined): void {
    if (control !== this.control) {
      this.control = control;
      this.variables = undefined;
      this.open.clear();
      this.update();
    }
    if (control?.isConnected !== true) {
      this.variables = undefined;
      this.update();
    } else if (control.activity?.cell === null) this.refreshSoon();
  }

  protected override renderContent(): React.JSX.Element | string {
    if (this.control?.isConnected !== true) {
      return 'No notebook with a running kernel of Ferrobook’s.';
    }
    if (this.variables === undefined) return 'The kernel is asked when no cell runs.';
    if (this.variables.length === 0) return 'There are no variables yet.';
    return (
      <VariablesTable
        variables={this.variables}
        open={this.open}
        rendermime={this.rendermime}
        onToggle={(variable) => {
          this.toggle(variable);
        }}
      />
    );
  }

  protected override async refresh(): Promise<void> {
    const { control } = this;
    if (control?.activity?.cell !== null) return;
    try {
      const variables = parseVariables(await control.request('variables'), this.variables ?? []);
      if (control !== this.control) return;
      this.variables = variables;
      const known = new Set(variables.map(keyOf));
      for (const key of this.open.keys()) if (!known.has(key)) this.open.delete(key);
      this.update();
      for (const variable of variables) {
        if (this.open.has(keyOf(variable))) await this.read(variable);
      }
    } catch {
      // The kernel is gone, or does not tell: what is known stays.
    }
  }

  private toggle(variable: ListedVariable): void {
    const key = keyOf(variable);
    if (!this.open.delete(key)) {
      this.open.set(key, undefined);
      void this.read(variable);
    }
    this.update();
  }

  private async read(variable: ListedVariable): Promise<void> {
    const { control } = this;
    const { language, name } = variable;
    const value = await control?.request('value', { language, name }).then(
      (answer) => parseValue(answer),
      (error: unknown) => ({ problem: (error as Error).message }),
    );
    if (control !== this.control || !this.open.has(keyOf(variable))) return;
    this.open.set(keyOf(variable), value);
    this.update();
  }
}

function keyOf({ language, name }: ListedVariable): string {
  return `${language} ${name}`;
}

interface VariablesTableProps {
  variables: ListedVariable[];
  open: ReadonlyMap<string, VariableValue | undefined>;
  rendermime: IRenderMimeRegistry;
  onToggle: (variable: ListedVariable) => void;
}

function VariablesTable(props: VariablesTableProps): React.JSX.Element {
  const { variables } = props;
  return (
    <table className="ferrobook-Variables">
      <thead>
        <tr>
          {['Name', 'Type', 'Size'].map((head) => (
            <th key={head} scope="col">
              {head}
            </th>
          ))}
        </tr>
      </thead>
      {LANGUAGES.map((language) => {
        const own = variables.filter((variable) => variable.language === language);
        if (own.length === 0) return null;
        return (
          <tbody key={language} aria-label={LANGUAGE_LABELS[language]}>
            <tr className="ferrobook-VariableLanguage">
              <th colSpan={3} scope="rowgroup">
                {LANGUAGE_LABELS[language]}
              </th>
            </tr>
            {own.map((variable) => (
              <VariableRow key={variable.name} variable={variable} {...props} />
            ))}
          </tbody>
        );
      })}
    </table>
  );
}

function VariableRow({
  variable,
  open,
  rendermime,
  onToggle,
}: VariablesTableProps & { variable: ListedVariable }): React.JSX.Element {
  const isOpen = open.has(keyOf(variable));
  const value = open.get(keyOf(variable));
  const size = value?.size ?? variable.size;
  return (
    <>
      <tr className={isOpen ? 'ferrobook-mod-open' : undefined}>
        <th scope="row">
          <button
            className="ferrobook-VariableName"
            aria-expanded={isOpen}
            onClick={() => onToggle(variable)}
          >
            {variable.name}
          </button>
        </th>
        <td title={variable.type}>{variable.type}</td>
        <td>{size === undefined ? '' : byteSize(size)}</td>
      </tr>
      {isOpen && (
        <tr>
          <td colSpan={3} className="ferrobook-VariableValue">
            {value === undefined ? 'reading …' : <Shown value={value} rendermime={rendermime} />}
          </td>
        </tr>
      )}
    </>
  );
}

/** A value as the outputs of cells show it, or why it cannot be shown. */
function Shown({
  value,
  rendermime,
}: {
  value: VariableValue;
  rendermime: IRenderMimeRegistry;
}): React.JSX.Element {
  const place = React.useRef<HTMLDivElement>(null);
  const { problem } = value;
  const data = value.data as JSONObject | undefined; // it came in a message
  React.useLayoutEffect(() => {
    const mime = data === undefined ? undefined : rendermime.preferredMimeType(data, 'ensure');
    if (data === undefined || mime === undefined || place.current === null) return undefined;
    const renderer = rendermime.createRenderer(mime);
    Widget.attach(renderer, place.current);
    void renderer.renderModel(rendermime.createModel({ data }));
    return () => {
      renderer.dispose();
    };
  }, [data, rendermime]);
  return data === undefined ? <>{problem ?? 'It cannot be shown.'}</> : <div ref={place} />;
}
