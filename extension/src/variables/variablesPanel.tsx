import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, ReactWidget } from '@jupyterlab/apputils';
import { INotebookTracker } from '@jupyterlab/notebook';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { Message } from '@lumino/messaging';
import { Debouncer } from '@lumino/polling';
import { Widget } from '@lumino/widgets';
import * as React from 'react';
import { onCurrentNotebook } from '../kernel/currentNotebook';
import { variablesIcon } from '../panel/icons';
import type { KernelControl } from '../kernel/kernelControl';
import { LANGUAGE_LABELS, LANGUAGES } from '../language/marker';
import { addSidePanel } from '../panel/sidePanel';
import { byteSize, parseValue, parseVariables, type Value, type Variable } from './variables';

const ID = 'ferrobook-variables-panel';
const SHOW = 'ferrobook:show-variables-panel';

/** How long after a cell the kernel is asked, in milliseconds: not between cells that follow each other. */
const DELAY = 300;

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
    const panel = new VariablesPanel(rendermime);
    addSidePanel(app, palette, panel, {
      rank: 601,
      type: 'Variables',
      command: SHOW,
      label: 'Show Variables',
      caption: 'Show the variables of Python and Rust',
    });
    onCurrentNotebook(tracker, (_, control) => {
      panel.follow(control);
    });
  },
};

class VariablesPanel extends ReactWidget {
  private control: KernelControl | undefined;
  private variables: Variable[] | undefined;
  /** The values of the variables that are open; `undefined` until the kernel has answered. */
  private readonly open = new Map<string, Value | undefined>();
  private readonly refreshed = new Debouncer(() => this.refresh(), DELAY);

  constructor(private readonly rendermime: IRenderMimeRegistry) {
    super();
    this.id = ID;
    this.addClass('ferrobook-Panel');
    this.title.icon = variablesIcon;
    this.title.caption = 'Variables';
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', 'Variables');
  }

  override dispose(): void {
    this.refreshed.dispose();
    super.dispose();
  }

  /** The kernel of the current notebook, or news of it. */
  follow(control: KernelControl | undefined): void {
    if (control !== this.control) {
      this.control = control;
      this.variables = undefined;
      this.open.clear();
      this.update();
    }
    if (control?.isConnected !== true) {
      this.variables = undefined;
      this.update();
    } else if (control.activity?.cell === null) this.ask();
  }

  override render(): React.JSX.Element {
    return (
      <>
        <h2 className="ferrobook-PanelTitle">Variables</h2>
        {this.renderContent()}
      </>
    );
  }

  private renderContent(): React.JSX.Element {
    if (this.control?.isConnected !== true) {
      return (
        <p className="ferrobook-PanelEmpty">No notebook with a running kernel of Ferrobook’s.</p>
      );
    }
    if (this.variables === undefined) {
      return <p className="ferrobook-PanelEmpty">The kernel is asked when no cell runs.</p>;
    }
    if (this.variables.length === 0) {
      return <p className="ferrobook-PanelEmpty">There are no variables yet.</p>;
    }
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

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this.ask();
  }

  private ask(): void {
    if (this.isVisible) void this.refreshed.invoke();
  }

  private async refresh(): Promise<void> {
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

  private toggle(variable: Variable): void {
    const key = keyOf(variable);
    if (!this.open.delete(key)) {
      this.open.set(key, undefined);
      void this.read(variable);
    }
    this.update();
  }

  private async read(variable: Variable): Promise<void> {
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

function keyOf({ language, name }: Variable): string {
  return `${language} ${name}`;
}

interface VariablesTableProps {
  variables: Variable[];
  open: ReadonlyMap<string, Value | undefined>;
  rendermime: IRenderMimeRegistry;
  onToggle: (variable: Variable) => void;
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
}: VariablesTableProps & { variable: Variable }): React.JSX.Element {
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
  value: Value;
  rendermime: IRenderMimeRegistry;
}): React.JSX.Element {
  const place = React.useRef<HTMLDivElement>(null);
  const { data, problem } = value;
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
