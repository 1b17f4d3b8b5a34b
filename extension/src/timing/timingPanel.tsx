import { duration, PHASES, titleOf } from '@ferrobook/notebook';
import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Clipboard, ICommandPalette } from '@jupyterlab/apputils';
import { INotebookTracker, type NotebookPanel } from '@jupyterlab/notebook';
import * as React from 'react';
import { revealCell } from '../notebook/revealCell';
import { addSidePanel, SidePanel } from '../panel/sidePanel';
import { ITimingRecords } from './timing';
import { timingChart } from './timingChart';
import { timingIcon } from './timingIcon';
import type { TimingRecords } from './timingRecords';
import {
  asCsv,
  asMarkdown,
  type LanguageTotal,
  ordered,
  type Order,
  type TimedCell,
  totals,
} from './timingTable';

/** A side panel with the times of all cells of the current notebook. */
export const timingPanel: JupyterFrontEndPlugin<void> = {
  id: '@ferrobook/extension:timing-panel',
  description: 'Shows the times of all cells of a notebook in a side panel.',
  autoStart: true,
  requires: [INotebookTracker, ITimingRecords],
  optional: [ICommandPalette],
  activate: (
    app,
    tracker: INotebookTracker,
    records: TimingRecords,
    palette: ICommandPalette | null,
  ) => {
    addSidePanel(app, tracker, palette, new TimingPanel(records));
  },
};

class TimingPanel extends SidePanel {
  private order: Order = 'notebook';
  private shown: NotebookPanel | undefined;

  constructor(private readonly records: TimingRecords) {
    super({
      id: 'timing',
      title: 'Timing',
      icon: timingIcon,
      rank: 600,
      caption: 'Show the times of all cells of the notebook',
      delay: 100,
    });
    records.changed.connect(this.refreshSoon);
  }

  override follow(notebook: NotebookPanel | undefined): void {
    if (notebook === this.shown) return;
    this.shown?.content.modelContentChanged.disconnect(this.refreshSoon);
    this.shown = notebook;
    notebook?.content.modelContentChanged.connect(this.refreshSoon);
    this.refreshSoon();
  }

  protected override renderContent(): React.JSX.Element | string {
    const cells = this.timedCells();
    if (cells.length === 0) return 'No cell of this notebook has a time yet.';
    return (
      <TimingTable
        cells={cells}
        order={this.order}
        width={this.node.clientWidth}
        onOrder={(order) => {
          this.order = order;
          this.update();
        }}
        onChoose={({ index }) => {
          if (this.shown !== undefined) revealCell(this.shown, index);
        }}
      />
    );
  }

  /** The chart is as wide as the panel. */
  protected override onResize(): void {
    this.refreshSoon();
  }

  private timedCells(): TimedCell[] {
    const cells = this.shown?.isDisposed === false ? this.shown.content.widgets : [];
    return cells.flatMap(({ model }, index) => {
      const record = this.records.of(model);
      if (record === undefined) return [];
      return [{ index, cellId: model.id, title: titleOf(model.sharedModel.getSource()), record }];
    });
  }
}

interface TimingTableProps {
  cells: TimedCell[];
  order: Order;
  width: number;
  onOrder: (order: Order) => void;
  onChoose: (cell: TimedCell) => void;
}

function TimingTable({
  cells,
  order,
  width,
  onOrder,
  onChoose,
}: TimingTableProps): React.JSX.Element {
  return (
    <>
      <div className="ferrobook-PanelToolbar">
        <label>
          Order{' '}
          <select
            value={order}
            onChange={({ target }) => onOrder(target.value === 'cost' ? 'cost' : 'notebook')}
          >
            <option value="notebook">of the notebook</option>
            <option value="cost">by time</option>
          </select>
        </label>
        <CopyButtons cells={ordered(cells, order)} />
      </div>
      <Totals cells={cells} />
      <Legend cells={cells} />
      <Chart cells={ordered(cells, order)} width={width} onChoose={onChoose} />
    </>
  );
}

/** Buttons that keep their size and place, and a word about what they have done. */
function CopyButtons({ cells }: { cells: TimedCell[] }): React.JSX.Element {
  const [done, setDone] = React.useState('');
  const button = (format: string, text: () => string): React.JSX.Element => (
    <button
      className="ferrobook-PanelButton"
      aria-label={`Copy as ${format}`}
      onClick={() => {
        Clipboard.copyToSystem(text());
        setDone(`Copied as ${format}`);
      }}
    >
      {format}
    </button>
  );
  return (
    <>
      <span className="ferrobook-CopyButtons">
        Copy as
        {button('Markdown', () => asMarkdown(cells))}
        {button('CSV', () => asCsv(cells))}
      </span>
      <span role="status">{done}</span>
    </>
  );
}

/** A column for each language: side panels are narrow. */
function Totals({ cells }: { cells: TimedCell[] }): React.JSX.Element {
  const languages = totals(cells);
  const rows: [string, (total: LanguageTotal) => string][] = [
    ['cells', (total) => String(total.cells)],
    ['compile', ({ compileMs }) => (compileMs > 0 ? duration(compileMs) : '')],
    ['run', ({ runMs }) => duration(runMs)],
    ['total', ({ totalMs }) => duration(totalMs)],
    ['CPU', ({ cpuMs }) => duration(cpuMs)],
  ];
  return (
    <table className="ferrobook-TimingTotals" aria-label="Totals of the languages">
      <thead>
        <tr>
          <td />
          {languages.map(({ language }) => (
            <th key={language} scope="col">
              {language}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(([name, text]) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            {languages.map((total) => (
              <td key={total.language}>{text(total)}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** The colours of the phases that there are. */
function Legend({ cells }: { cells: TimedCell[] }): React.JSX.Element {
  const known = PHASES.filter(({ name }) =>
    cells.some(({ record }) => record.phases.some((phase) => phase.name === name)),
  );
  return (
    <ul className="ferrobook-TimingLegend" aria-label="Colours of the phases">
      {known.map(({ name, colour }) => (
        <li key={name}>
          <span style={{ background: colour }} aria-hidden="true" />
          {name}
        </li>
      ))}
    </ul>
  );
}

function Chart({
  cells,
  width,
  onChoose,
}: Pick<TimingTableProps, 'cells' | 'width' | 'onChoose'>): React.JSX.Element {
  const place = React.useRef<HTMLDivElement>(null);
  React.useEffect(() => {
    let isCurrent = true;
    void timingChart(cells, width, onChoose).then((chart) => {
      if (isCurrent) place.current?.replaceChildren(chart);
    });
    return () => {
      isCurrent = false;
    };
  });
  return <div className="ferrobook-TimingChart" ref={place} />;
}
