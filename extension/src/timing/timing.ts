import { METADATA_KEY } from '@ferrobook/notebook';
import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { type Cell, CodeCell } from '@jupyterlab/cells';
import { INotebookTracker, type NotebookPanel } from '@jupyterlab/notebook';
import type { Kernel } from '@jupyterlab/services';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { Token } from '@lumino/coreutils';
import { PanelLayout } from '@lumino/widgets';
import { KernelControl } from '../kernel/kernelControl';
import { fallbackLanguage, kindOf } from '../language/cellLanguage';
import { onEveryCell, onEveryContext } from '../notebook/everyCell';
import { SETTINGS_ID } from '../settings';
import { TimingLine } from './timingLine';
import { timingIn, TimingRecords } from './timingRecords';

/** A cell that is done sooner shows no clock, in milliseconds: it would only flicker. */
const CLOCK_DELAY = 150;

const CLEAR = 'ferrobook:clear-timing';

/** The times of all cells, for plugins that show them. */
export const ITimingRecords = new Token<TimingRecords>(
  '@ferrobook/extension:ITimingRecords',
  'The times of the cells of all notebooks.',
);

/** Shows below each cell how long it took, and while it runs how long it has been at what. */
export const timing: JupyterFrontEndPlugin<TimingRecords> = {
  id: '@ferrobook/extension:timing',
  description: 'Shows the time of a cell below its output.',
  autoStart: true,
  provides: ITimingRecords,
  requires: [INotebookTracker],
  optional: [ISettingRegistry, ICommandPalette],
  activate: (
    app,
    tracker: INotebookTracker,
    settings: ISettingRegistry | null,
    palette: ICommandPalette | null,
  ) => {
    const records = new TimingRecords();
    void settings?.load(SETTINGS_ID).then((values) => {
      const apply = (): void => {
        records.saved = values.get('saveTiming').composite !== false;
      };
      apply();
      values.changed.connect(apply);
    });
    onEveryContext(tracker, (context) => {
      listenToKernel(context, records);
    });
    onEveryCell(tracker, (cell, panel) => {
      if (!(cell instanceof CodeCell)) return;
      forgetWithOutputs(cell, records);
      showBelow(cell, panel, records);
    });
    const hasTimes = (panel: NotebookPanel | null): boolean =>
      panel?.content.widgets.some(({ model }) => records.of(model) !== undefined) === true;
    app.commands.addCommand(CLEAR, {
      label: 'Clear Execution Times',
      caption: 'Remove the times of all cells from the notebook',
      isEnabled: () => hasTimes(tracker.currentWidget),
      execute: () => {
        for (const { model } of tracker.currentWidget?.content.widgets ?? []) {
          records.set(model, undefined);
        }
      },
      describedBy: { args: { type: 'object', properties: {} } },
    });
    palette?.addItem({ command: CLEAR, category: 'Notebook Operations' });
    return records;
  },
};

function listenToKernel(context: NotebookPanel['context'], records: TimingRecords): void {
  const { model: notebook, sessionContext } = context;
  const control = KernelControl.of(context);
  const onMessage = (_: unknown, { msg, direction }: Kernel.IAnyMessageArgs): void => {
    if (direction !== 'recv' || msg.header.msg_type !== 'execute_reply') return;
    const record = timingIn(msg.metadata[METADATA_KEY]);
    const cellId = record?.['cellId'];
    if (typeof cellId !== 'string') return;
    control.cellEnded(cellId);
    if (context.isDisposed) return;
    const cell = [...notebook.cells].find(({ id }) => id === cellId);
    if (cell !== undefined) records.set(cell, record);
  };
  const listen = (kernel: Kernel.IKernelConnection | null | undefined): void => {
    kernel?.anyMessage.connect(onMessage);
  };
  listen(sessionContext.session?.kernel);
  sessionContext.kernelChanged.connect((_, { newValue }) => {
    listen(newValue);
  });
}

/** A cell that runs again is `running` at once; one whose outputs are cleared loses its number. */
function forgetWithOutputs({ model }: CodeCell, records: TimingRecords): void {
  model.stateChanged.connect((_, { name }) => {
    const runsAgain = name === 'executionState' && model.executionState === 'running';
    const isCleared = name === 'executionCount' && model.executionCount === null;
    if (runsAgain || isCleared) records.set(model, undefined);
  });
}

function showBelow(cell: CodeCell, panel: NotebookPanel, records: TimingRecords): void {
  const control = KernelControl.of(panel);
  const { model } = cell;
  let line: TimingLine | undefined;
  let pending: { runs: boolean; timer: number } | undefined;

  const isCurrent = (): boolean => control.activity?.cell?.cellId === model.id;
  const runs = (): boolean => isCurrent() || model.executionState === 'running';
  const draw = (): void => {
    pending = undefined;
    if (cell.isDisposed) return;
    const record = records.of(model);
    const isKnown = control.activity !== undefined;
    if (line === undefined) {
      if (record === undefined && !(isKnown && runs())) return;
      line = new TimingLine();
      insertAboveFooter(cell, line);
    }
    const running = control.activity?.cell;
    if (running?.cellId === model.id) {
      line.showClock(running, control.age);
    } else if (isKnown && runs()) {
      const kind = kindOf(cell, fallbackLanguage(panel));
      line.showWaiting(kind === 'rust' ? 'rust' : 'python');
    } else if (record === undefined) {
      line.showNothing();
    } else {
      line.showRecord(record);
    }
  };
  // A cell that runs again shows what it showed before, until the clock is drawn.
  const update = (): void => {
    if (pending?.runs === runs()) return;
    window.clearTimeout(pending?.timer);
    const delay = runs() && line?.isLive !== true ? CLOCK_DELAY : 0;
    pending = { runs: runs(), timer: window.setTimeout(draw, delay) };
  };
  // The cell's parts are made when it first comes into view.
  void cell.ready.then(() => {
    if (cell.isDisposed) return;
    update();
    model.metadataChanged.connect(update);
    model.stateChanged.connect(update);
    control.activityChanged.connect(() => {
      if (runs() || line?.isLive === true) update();
    }, cell);
    records.changed.connect((_, changed) => {
      if (changed === model) update();
    }, cell);
  });
}

function insertAboveFooter(cell: Cell, line: TimingLine): void {
  if (cell.layout instanceof PanelLayout) {
    cell.layout.insertWidget(cell.layout.widgets.length - 1, line);
  }
}
