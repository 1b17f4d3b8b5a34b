import type { CodeCell, ICellModel } from '@jupyterlab/cells';
import type { EditorView } from '@codemirror/view';
import {
  copyOf,
  type Diagnostic,
  findMarker,
  isJsonObject,
  parseDiagnostics,
} from '@ferrobook/notebook';
import { CodeMirrorEditor } from '@jupyterlab/codemirror';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { Kernel, KernelMessage } from '@jupyterlab/services';
import { Debouncer } from '@lumino/polling';
import { KernelControl } from '../kernel/kernelControl';
import { defaultLanguage } from '../language/defaultLanguage';
import { showDiagnostics } from './editorDiagnostics';

/** When diagnostics are shown in cells: the setting `marks`. */
export const DIAGNOSTICS_SETTINGS = ['as you type', 'after a run', 'never'] as const;
export type DiagnosticsSetting = (typeof DIAGNOSTICS_SETTINGS)[number];

/** How long nothing must have been typed before a cell is checked, in milliseconds. */
const DELAY = 500;

/** How often a check that the kernel had no time for is asked for again while nothing else happens. */
const MOST_TRIES = 2;

/** What was found in a cell, and in which text. */
interface Found {
  readonly code: string;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * The diagnostics of one notebook's Rust cells, in all views of it: asks the kernel about cells that are being typed, and takes
 * what it says with the replies of cells that it has run.
 */
export class CellChecks {
  private readonly control: KernelControl;
  private readonly found = new WeakMap<ICellModel, Found>();
  private readonly views = new WeakMap<ICellModel, Set<CodeCell>>();
  /** Cells whose text nobody has checked yet, the one that was typed in last at the end. */
  private readonly wanted = new Set<ICellModel>();
  private readonly soon = new Debouncer(() => void this.check(), DELAY);
  /** A round of checks is over when another one begins. */
  private round = 0;
  private tries = 0;
  /** The executes that have no reply yet. */
  private readonly running = new Map<string, { cellId: unknown; code: string }>();

  constructor(
    private readonly context: NotebookPanel['context'],
    private readonly setting: () => DiagnosticsSetting,
  ) {
    this.control = KernelControl.of(context);
    this.control.activityChanged.connect(() => {
      if (this.wanted.size > 0) this.checkSoon();
    });
    const { sessionContext } = context;
    this.listen(sessionContext.session?.kernel);
    sessionContext.kernelChanged.connect((_, { newValue }) => {
      this.forgetAll();
      this.listen(newValue);
    });
    context.disposed.connect(() => {
      this.round += 1;
      this.soon.dispose();
    });
  }

  /** Shows the diagnostics of a cell in one of the views that it has. */
  follow(view: CodeCell): void {
    const { model } = view;
    let views = this.views.get(model);
    if (views === undefined) {
      views = new Set();
      this.views.set(model, views);
      // A cell's content is its outputs, too.
      model.sharedModel.changed.connect((_, { sourceChange }) => {
        if (sourceChange !== undefined) this.edited(model);
      });
    }
    views.add(view);
    view.disposed.connect(() => {
      views.delete(view);
      if (views.size === 0) this.wanted.delete(model);
    });
    // One that has not been in sight has no editor.
    void view.ready.then(() => {
      this.show(model);
    });
  }

  settingChanged(): void {
    if (this.setting() === 'never') this.forgetAll();
  }

  private edited(cell: ICellModel): void {
    if (!this.isRust(cell)) {
      this.forget(cell);
      return;
    }
    if (this.setting() !== 'as you type') return;
    this.want(cell);
    this.checkSoon();
  }

  private want(cell: ICellModel): void {
    this.wanted.delete(cell);
    this.wanted.add(cell);
    this.tries = 0;
  }

  private checkSoon(): void {
    if (!this.context.isDisposed) void this.soon.invoke().catch(() => undefined);
  }

  /** Checks what is wanted; a cell that the kernel has no time for stays wanted. */
  private async check(): Promise<void> {
    const round = ++this.round;
    // It has no time, and would be shown as idle after each question. When the cell has ended, it says so.
    if (this.control.activity !== undefined && this.control.activity.cell !== null) return;
    for (const cell of [...this.wanted].reverse()) {
      if (!this.control.isConnected) return;
      const code = cell.sharedModel.getSource();
      const diagnostics = await this.ask(code, cell.id);
      if (round !== this.round) return;
      if (diagnostics === 'later') continue;
      this.wanted.delete(cell);
      if (diagnostics !== undefined) this.put(cell, { code, diagnostics });
    }
    if (this.wanted.size > 0 && this.tries < MOST_TRIES) {
      this.tries += 1;
      this.checkSoon();
    }
  }

  /** `undefined` when the kernel is gone, or an old one that does not know how to check. */
  private async ask(code: string, cell: string): Promise<Diagnostic[] | 'later' | undefined> {
    try {
      const { diagnostics } = copyOf(await this.control.request('check', { code, cell }));
      return diagnostics === null ? 'later' : parseDiagnostics(diagnostics);
    } catch {
      return undefined;
    }
  }

  private listen(kernel: Kernel.IKernelConnection | null | undefined): void {
    kernel?.anyMessage.connect((_, { msg, direction }) => {
      if (direction === 'send' && msg.header.msg_type === 'execute_request') {
        const { content, metadata, header } = msg as KernelMessage.IExecuteRequestMsg;
        this.running.set(header.msg_id, { cellId: metadata['cellId'], code: content.code });
      } else if (direction === 'recv' && msg.header.msg_type === 'execute_reply') {
        this.ended(msg as KernelMessage.IExecuteReplyMsg);
      }
    });
  }

  private ended({
    parent_header: parent,
    content,
    metadata,
  }: KernelMessage.IExecuteReplyMsg): void {
    const run = this.running.get(parent.msg_id);
    this.running.delete(parent.msg_id);
    const setting = this.setting();
    if (run === undefined || setting === 'never' || this.context.isDisposed) return;
    const cells = this.codeCells();
    const cell = cells.find(({ id }) => id === run.cellId);
    if (cell !== undefined) this.takeResult(cell, run.code, content.status, metadata['ferrobook']);
    if (setting !== 'as you type') return;
    // What the cell has defined, others may have been missing.
    for (const other of cells) {
      if (other !== cell && this.hasErrors(other)) this.want(other);
    }
    if (this.wanted.size > 0) {
      this.tries = 0;
      this.checkSoon();
    }
  }

  private takeResult(cell: ICellModel, code: string, status: string, metadata: unknown): void {
    const diagnostics = isJsonObject(metadata)
      ? parseDiagnostics(metadata['diagnostics'])
      : undefined;
    if (status === 'error' && diagnostics !== undefined && this.isRust(cell)) {
      this.put(cell, { code, diagnostics });
    } else if (status === 'ok' && this.hasErrors(cell)) {
      const before = this.found.get(cell)?.diagnostics ?? [];
      this.put(cell, { code, diagnostics: before.filter(({ severity }) => severity !== 'error') });
    }
  }

  private put(cell: ICellModel, found: Found): void {
    if (found.diagnostics.length === 0 && !this.found.has(cell)) return;
    this.found.set(cell, found);
    this.show(cell);
  }

  private show(cell: ICellModel): void {
    const found = this.found.get(cell);
    if (found === undefined) return;
    for (const view of this.editorsOf(cell)) {
      // What has been typed since will be checked, too.
      if (view.state.doc.toString() === found.code) showDiagnostics(view, found.diagnostics);
    }
  }

  private hasErrors(cell: ICellModel): boolean {
    const diagnostics = this.found.get(cell)?.diagnostics ?? [];
    return diagnostics.some(({ severity }) => severity === 'error');
  }

  private forget(cell: ICellModel): void {
    this.wanted.delete(cell);
    if (!this.found.delete(cell)) return;
    for (const view of this.editorsOf(cell)) showDiagnostics(view, []);
  }

  private forgetAll(): void {
    if (this.context.isDisposed) return;
    this.round += 1;
    this.running.clear();
    for (const cell of this.codeCells()) this.forget(cell);
  }

  private isRust(cell: ICellModel): boolean {
    const marked = findMarker(cell.sharedModel.getSource())?.language;
    return (marked ?? defaultLanguage({ context: this.context })) === 'rust';
  }

  private codeCells(): ICellModel[] {
    return [...this.context.model.cells].filter(({ type }) => type === 'code');
  }

  private editorsOf(cell: ICellModel): EditorView[] {
    return [...(this.views.get(cell) ?? [])].flatMap(({ editor, isDisposed }) =>
      !isDisposed && editor instanceof CodeMirrorEditor ? [editor.editor] : [],
    );
  }
}
