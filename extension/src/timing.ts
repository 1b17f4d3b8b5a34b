import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { type Cell, CodeCell, type ICellModel } from '@jupyterlab/cells';
import { INotebookTracker, type NotebookPanel } from '@jupyterlab/notebook';
import type { Kernel } from '@jupyterlab/services';
import { PanelLayout } from '@lumino/widgets';
import { onEveryCell, onEveryNotebook } from './everyCell';
import { copyOf, isJsonObject, type JsonObject } from './jsonObject';
import { TimingLine } from './timingLine';
import { parseTimingRecord, type TimingRecord } from './timingRecord';

/** The key of Ferrobook's metadata, of messages and of cells alike. */
const KEY = 'ferrobook';

/**
 * Keeps the time that the kernel reports with a cell's reply in the cell's metadata, and shows it below the cell. The
 * metadata is the only state, so a saved notebook shows the same as a running one.
 */
export const timing: JupyterFrontEndPlugin<void> = {
  id: '@ferrobook/extension:timing',
  description: 'Shows the time of a cell below its output.',
  autoStart: true,
  requires: [INotebookTracker],
  activate: (_app, tracker: INotebookTracker) => {
    onEveryNotebook(tracker, (panel) => {
      listenToKernel(panel);
    });
    onEveryCell(tracker, (cell) => {
      if (!(cell instanceof CodeCell)) return;
      forgetWithOutputs(cell);
      showBelow(cell);
    });
  },
};

function listenToKernel(panel: NotebookPanel): void {
  const onMessage = (_: unknown, { msg, direction }: Kernel.IAnyMessageArgs): void => {
    if (direction !== 'recv' || msg.header.msg_type !== 'execute_reply') return;
    const record = timingOf(msg.metadata[KEY]);
    const cellId = record?.['cellId'];
    const cell = panel.content.widgets.find(({ model }) => model.id === cellId);
    if (record !== undefined && cell !== undefined) store(cell.model, record);
  };
  const listen = (kernel: Kernel.IKernelConnection | null | undefined): void => {
    kernel?.anyMessage.connect(onMessage);
  };
  listen(panel.sessionContext.session?.kernel);
  panel.sessionContext.kernelChanged.connect((_, { newValue }) => {
    listen(newValue);
  });
}

/** A cell that runs again is `running` at once; one whose outputs are cleared loses its number. */
function forgetWithOutputs({ model }: CodeCell): void {
  model.stateChanged.connect((_, { name }) => {
    const runsAgain = name === 'executionState' && model.executionState === 'running';
    const isCleared = name === 'executionCount' && model.executionCount === null;
    if (runsAgain || isCleared) store(model, undefined);
  });
}

function showBelow(cell: CodeCell): void {
  let line: TimingLine | undefined;
  const update = (): void => {
    if (cell.isDisposed) return;
    const record = shownRecord(cell);
    if (record === undefined && line === undefined) return;
    if (line === undefined) {
      line = new TimingLine();
      insertAboveFooter(cell, line);
    }
    line.showRecord(record);
  };
  // The cell's parts are made when it first comes into view.
  void cell.ready.then(() => {
    if (cell.isDisposed) return;
    update();
    cell.model.metadataChanged.connect(update);
    cell.model.stateChanged.connect((_, { name }) => {
      if (name === 'executionCount') update();
    });
  });
}

/** A record of another run, such as one that was left when a program stripped the outputs, is not shown. */
function shownRecord({ model }: CodeCell): TimingRecord | undefined {
  const record = parseTimingRecord(timingOf(model.getMetadata(KEY)));
  return record?.executionCount === model.executionCount ? record : undefined;
}

function insertAboveFooter(cell: Cell, line: TimingLine): void {
  if (cell.layout instanceof PanelLayout) {
    cell.layout.insertWidget(cell.layout.widgets.length - 1, line);
  }
}

/** Changes only the record; undo is for what people typed. */
function store(model: ICellModel, record: JsonObject | undefined): void {
  const { timing: old, ...rest } = copyOf(model.getMetadata(KEY));
  if (record === undefined && old === undefined) return;
  const metadata = record === undefined ? rest : { ...rest, timing: record };
  model.sharedModel.transact(() => {
    if (Object.keys(metadata).length > 0) model.setMetadata(KEY, metadata);
    else model.deleteMetadata(KEY);
  }, false);
}

function timingOf(metadata: unknown): JsonObject | undefined {
  const { timing: record } = copyOf(metadata);
  return isJsonObject(record) ? record : undefined;
}
