import {
  copyOf,
  isJsonObject,
  type JsonObject,
  METADATA_KEY,
  parseTimingRecord,
  type SavedRecord,
} from '@ferrobook/notebook';
import type { ICellModel } from '@jupyterlab/cells';
import { type ISignal, Signal } from '@lumino/signaling';

/**
 * The times of cells. They are kept in the cells' metadata, so a saved notebook shows the same as a running one; where
 * they shall not be saved, or somebody else's metadata are in the way, they last as long as the page.
 */
export class TimingRecords {
  /** Whether new records go into the notebook. */
  saved = true;
  private readonly unsaved = new WeakMap<ICellModel, JsonObject>();
  private readonly changedSignal = new Signal<this, ICellModel>(this);

  /** The record of a cell is another one. */
  get changed(): ISignal<this, ICellModel> {
    return this.changedSignal;
  }

  /**
   * The time of a cell's last run. The record of another run, such as one that was left when a program stripped the
   * outputs, is none.
   */
  of(model: ICellModel): SavedRecord | undefined {
    const kept = this.unsaved.get(model) ?? timingIn(model.getMetadata(METADATA_KEY));
    const record = parseTimingRecord(kept);
    return record?.executionCount === executionCountOf(model) ? record : undefined;
  }

  /** Takes over what a kernel has reported, or forgets it. */
  set(model: ICellModel, record: JsonObject | undefined): void {
    const goesIntoNotebook = record === undefined || this.saved;
    if (goesIntoNotebook && hasRoom(model)) {
      this.unsaved.delete(model);
      store(model, record);
    } else if (record === undefined) this.unsaved.delete(model);
    else this.unsaved.set(model, record);
    this.changedSignal.emit(model);
  }
}

/** The record in what a message or a cell has under {@link METADATA_KEY}, which may be anything. */
export function timingIn(metadata: unknown): JsonObject | undefined {
  const { timing } = copyOf(metadata);
  return isJsonObject(timing) ? timing : undefined;
}

/** Whether what is in the place of a record is one, or nothing. */
function hasRoom(model: ICellModel): boolean {
  const own: unknown = model.getMetadata(METADATA_KEY);
  if (own === undefined) return true;
  if (!isJsonObject(own)) return false;
  const { timing } = own;
  return timing === undefined || (isJsonObject(timing) && typeof timing['version'] === 'number');
}

/** Changes only the record; undo is for what people typed. */
function store(model: ICellModel, record: JsonObject | undefined): void {
  const { timing: old, ...rest } = copyOf(model.getMetadata(METADATA_KEY));
  if (record === undefined && old === undefined) return;
  const metadata = record === undefined ? rest : { ...rest, timing: record };
  model.sharedModel.transact(() => {
    if (Object.keys(metadata).length > 0) model.setMetadata(METADATA_KEY, metadata);
    else model.deleteMetadata(METADATA_KEY);
  }, false);
}

function executionCountOf(model: ICellModel): number | null {
  return 'executionCount' in model && typeof model.executionCount === 'number'
    ? model.executionCount
    : null;
}
