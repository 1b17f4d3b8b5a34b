import { USUAL_OPTIONS } from '../languages/language';
import type {
  Cell,
  CellError,
  CellEvent,
  CellOutcome,
  Language,
  LanguageName,
} from '../languages/language';
import type { PythonLanguage } from '../languages/python/pythonLanguage';
import type { RustLanguage } from '../languages/rust/rustLanguage';
import type { Log } from '../log';
import { titleOf, type TimingLedger } from '../timing/ledger';
import { type TimingRecord, timingRecord } from '../timing/record';
import { renderCell } from '../timing/render';
import { type Envelope, metadataOf } from '../wire/message';
import type { ActivityBoard } from './activity';
import type { CellHandler, CellVerdict, QueuedCell } from './executionQueue';
import type { InputBroker } from './inputBroker';
import { type MagicTargets, runMagic, takeMagics, usageError } from './magics';
import { type MarkerOptions, type ParsedCell, parseCell } from './marker';
import type { Publisher } from './publisher';
import { type RequestContent, readContent } from './requests';

type ExecuteRequest = RequestContent<'execute_request'>;

/** A cell that is being answered. */
interface Running {
  readonly request: Envelope;
  readonly content: ExecuteRequest;
  readonly count: number;
  readonly storeHistory: boolean;
  language: LanguageName;
}

/** Runs execute requests one after the other: numbers them, times them, and turns what languages report into messages. */
export class CellRunner implements CellHandler {
  /** The number of the next prompt, over both languages. */
  private nextCount = 1;
  private running: Language | undefined;
  private answering = false;
  /** What users have to know about a language before its next cell runs. */
  private readonly notices = new Map<LanguageName, string>();

  constructor(
    private readonly languages: { python: PythonLanguage; rust: RustLanguage },
    private readonly defaultLanguage: LanguageName,
    private readonly publisher: Publisher,
    private readonly inputs: InputBroker,
    private readonly ledger: TimingLedger,
    private readonly activity: ActivityBoard,
    private readonly magicTargets: MagicTargets,
    private readonly log: Log,
  ) {}

  /** The number that the next cell will get. */
  get upcomingCount(): number {
    return this.nextCount;
  }

  /** Whether no cell is being answered. */
  get isIdle(): boolean {
    return !this.answering;
  }

  /** Stops the running cell; when none runs, what else Python may be busy with, such as a widget's callback. */
  async interrupt(): Promise<void> {
    await (this.running ?? this.languages.python).interrupt();
  }

  /** A language's process is gone. A cell that was running in it says so itself; otherwise the next one does. */
  lost(name: LanguageName, notice: string): void {
    if (this.running !== this.languages[name]) this.notices.set(name, notice);
  }

  async run(cell: QueuedCell, beforeReply: (verdict: CellVerdict) => Promise<void>): Promise<void> {
    const { request } = cell;
    this.answering = true;
    this.publisher.status('busy', request);
    try {
      await this.answer(cell, readContent(request, 'execute_request'), beforeReply);
    } catch (error) {
      // A client that waits for a reply must get one.
      this.log.error({ err: error }, 'a cell could not be answered');
      const failed = asCellError(error as Error);
      this.publisher.error(failed, request);
      this.publisher.reply('shell', request, {
        status: 'error',
        execution_count: this.nextCount,
        ...failed,
      });
    } finally {
      this.inputs.forget();
      this.running = undefined;
      this.answering = false;
      this.activity.cellEnded();
      this.publisher.status('idle', request);
    }
  }

  expect(cells: readonly QueuedCell[], idle: boolean): void {
    const rust = cells.flatMap(({ request }) => {
      const { code } = readContent(request, 'execute_request');
      const cell = parseCell(code, this.defaultLanguage);
      return cell.kind === 'cell' && cell.language === 'rust' ? [cell.code] : [];
    });
    this.languages.rust.expect(rust, idle);
  }

  abort(cell: QueuedCell): void {
    this.publisher.status('busy', cell.request);
    this.publisher.reply('shell', cell.request, {
      status: 'aborted',
      execution_count: this.nextCount,
    });
    this.publisher.status('idle', cell.request);
  }

  private async answer(
    { request, arrived }: QueuedCell,
    content: ExecuteRequest,
    beforeReply: (verdict: CellVerdict) => Promise<void>,
  ): Promise<void> {
    const startedAt = new Date();
    const started = performance.now();
    const shownBefore = this.ledger.shown;
    const storeHistory = !content.silent && (content.store_history ?? true);
    const running: Running = {
      request,
      content,
      storeHistory,
      count: this.nextCount,
      language: this.defaultLanguage,
    };
    const empty = content.code.trim() === '';
    if (storeHistory && !empty) this.nextCount += 1;
    if (!content.silent) {
      this.publisher.publish(
        'execute_input',
        { code: content.code, execution_count: running.count },
        request,
      );
    }
    const nothingToDo = empty && Object.keys(content.user_expressions).length === 0;
    const parsed = nothingToDo ? undefined : parseCell(content.code, this.defaultLanguage);
    const outcome: CellOutcome =
      parsed === undefined ? { status: 'ok' } : await this.dispatch(running, parsed);

    const record = timingRecord({
      language: running.language,
      cellId: cellIdOf(request),
      executionCount: content.silent ? null : running.count,
      status: outcome.status,
      arrived,
      started,
      ended: performance.now(),
      startedAt,
      timing: outcome.timing,
    });
    if (!empty && !content.silent) {
      this.ledger.add(record, content.code);
      const wanted = parsed?.kind === 'cell' && parsed.options.time === true;
      if (wanted || (shownBefore && this.ledger.shown)) this.showTime(record, running);
    }
    if (outcome.error !== undefined && outcome.published !== true && !content.silent) {
      this.publisher.error(outcome.error, request);
    }
    await beforeReply(
      outcome.status === 'error' && content.stop_on_error && !content.silent
        ? 'abortQueue'
        : 'continue',
    );
    this.publisher.reply('shell', request, replyContent(outcome, running.count), {
      metadata: {
        started: startedAt.toISOString(),
        ...outcome.metadata,
        ferrobook: {
          timing: record,
          ...(outcome.diagnostics === undefined ? {} : { diagnostics: outcome.diagnostics }),
        },
      },
      ...(outcome.finishedAt === undefined ? {} : { date: outcome.finishedAt }),
    });
  }

  private async dispatch(running: Running, parsed: ParsedCell): Promise<CellOutcome> {
    switch (parsed.kind) {
      case 'help':
        this.remember(running);
        this.publisher.display({ 'text/plain': parsed.text }, running.request);
        return { status: 'ok' };
      case 'error':
        this.remember(running);
        return { status: 'error', ...usageError(parsed.message) };
      case 'doubtful': {
        const known = await this.languages.python.hasCellMagic(parsed.name).catch(() => true);
        if (known) return this.runIn('python', running, parsed.cell.code);
        this.remember(running);
        return { status: 'error', ...usageError(parsed.message) };
      }
      case 'cell':
        running.language = parsed.language;
        return parsed.language === 'python'
          ? this.runIn('python', running, parsed.code)
          : this.runRust(running, parsed);
    }
  }

  /** Rust cells may begin with magics; ipykernel sees to those of Python cells itself. */
  private async runRust(
    running: Running,
    cell: ParsedCell & { kind: 'cell' },
  ): Promise<CellOutcome> {
    this.remember(running);
    const { magics, code } = takeMagics(cell.code);
    for (const magic of magics) {
      const result = await runMagic(magic, this.magicTargets);
      if ('error' in result) return { status: 'error', error: result.error };
      if (!running.content.silent) this.publisher.display(result.data, running.request);
    }
    return this.runIn('rust', running, code, cell.options);
  }

  private async runIn(
    name: LanguageName,
    running: Running,
    code: string,
    options: MarkerOptions = {},
  ): Promise<CellOutcome> {
    const language = this.languages[name];
    running.language = name;
    this.running = language;
    const { content, request } = running;
    this.activity.cellBegan(cellIdOf(request), name);
    const notice = this.notices.get(name);
    if (notice !== undefined && !content.silent) {
      this.notices.delete(name);
      this.publisher.stream('stderr', notice, request);
    }
    const cell: Cell = {
      code,
      request,
      executionCount: running.count,
      silent: content.silent,
      storeHistory: running.storeHistory,
      allowStdin: content.allow_stdin,
      userExpressions: content.user_expressions,
      options: {
        snapshot: options.snapshot ?? USUAL_OPTIONS.snapshot,
        cache: options.cache ?? USUAL_OPTIONS.cache,
        debug: options.debug ?? USUAL_OPTIONS.debug,
      },
    };
    return language.execute(cell, (event) => this.emit(event, running, language));
  }

  private emit(event: CellEvent, { request, content, count }: Running, language: Language): void {
    if (event.kind === 'inputRequest') {
      this.inputs.ask(language, request, event, content.allow_stdin);
      return;
    }
    if (event.kind === 'phase') {
      this.activity.phase(event.phase, event.crates);
      return;
    }
    // "silent: … the kernel will not broadcast output on the IOPUB channel" (messaging.rst).
    if (content.silent) return;
    switch (event.kind) {
      case 'stream':
        this.publisher.stream(event.name, event.text, request);
        break;
      case 'display':
        this.publisher.display(event.data, request, event.metadata);
        break;
      case 'result':
        this.publisher.publish(
          'execute_result',
          { execution_count: count, data: event.data, metadata: event.metadata ?? {} },
          request,
        );
        break;
      case 'clearOutput':
        this.publisher.publish('clear_output', { wait: event.wait }, request);
        break;
    }
  }

  private showTime(record: TimingRecord, { content, request }: Running): void {
    this.publisher.display(renderCell({ record, title: titleOf(content.code) }), request);
  }

  /** Cells that ipykernel does not see still belong to the one history. */
  private remember({ storeHistory, count, content }: Running): void {
    if (storeHistory) this.languages.python.remember(count, content.code);
  }
}

function replyContent(outcome: CellOutcome, count: number): object {
  return {
    status: outcome.status,
    execution_count: count,
    payload: outcome.payload ?? [],
    user_expressions: outcome.userExpressions ?? {},
    ...(outcome.status === 'error' ? outcome.error : {}),
  };
}

/** JupyterLab and nbclient name the cell in the request's metadata. */
function cellIdOf(request: Envelope): string | null {
  const id = metadataOf(request)['cellId'];
  return typeof id === 'string' ? id : null;
}

function asCellError(error: Error): CellError {
  return {
    ename: error.name,
    evalue: error.message,
    traceback: [`${error.name}: ${error.message}`],
  };
}
