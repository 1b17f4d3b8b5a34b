import { type LanguageName, METADATA_KEY, withUsual } from '@ferrobook/notebook';
import { cellError } from '../languages/cellError';
import type { Cell, CellEvent, CellOutcome, Language } from '../languages/language';
import { Origin } from '../languages/origin';
import type { Log } from '../log';
import { type Envelope, metadataOf } from '../wire/message';
import {
  type Aspect,
  type CellReport,
  type CellRun,
  type RunEvent,
  within,
} from './aspects/aspect';
import type { CellHandler, CellVerdict, QueuedCell } from './executionQueue';
import type { InputBroker } from './inputBroker';
import type { Languages } from './languages';
import type { MagicTargets } from './magics/magic';
import { runMagic } from './magics/runMagic';
import { takeMagics } from './magics/takeMagics';
import { usageError } from './magics/usageError';
import type { ParsedCell } from './markers/parseCell';
import type { Publisher } from './publisher';
import { type RequestContent, readContent } from './requests';

type ExecuteRequest = RequestContent<'execute_request'>;

/** What a cell runner works with. */
export interface CellRunnerParts {
  readonly languages: Languages;
  /** What happens around each cell, from the outside to the inside. */
  readonly aspects: readonly Aspect[];
  readonly magicTargets: MagicTargets;
  readonly publisher: Publisher;
  readonly inputs: InputBroker;
  readonly log: Log;
}

/** A cell that is being answered. */
interface Running extends CellRun {
  language: LanguageName;
  readonly request: Envelope;
  readonly content: ExecuteRequest;
  /** `undefined` where there is nothing to do. */
  readonly parsed: ParsedCell | undefined;
  readonly storeHistory: boolean;
}

/** Runs execute requests one after the other: numbers them, and turns what languages report into messages. */
export class CellRunner implements CellHandler {
  /** The number of the next prompt, over all languages. */
  private nextCount = 1;
  private running: Language | undefined;
  private answering = false;

  constructor(private readonly parts: CellRunnerParts) {}

  /** The number that the next cell will get. */
  get upcomingCount(): number {
    return this.nextCount;
  }

  /** Whether no cell is being answered. */
  get isIdle(): boolean {
    return !this.answering;
  }

  /** Whether a cell of this language is being run. */
  isRunning(name: LanguageName): boolean {
    return this.running?.name === name;
  }

  /** Stops the running cell; when none runs, what else may be going on in a process that has been relayed something. */
  async interrupt(): Promise<void> {
    await (this.running ?? this.parts.languages.able('relay'))?.interrupt();
  }

  async run(cell: QueuedCell, beforeReply: (verdict: CellVerdict) => Promise<void>): Promise<void> {
    const { request } = cell;
    const { publisher, inputs, log } = this.parts;
    this.answering = true;
    publisher.status('busy', request);
    try {
      await this.answer(cell, readContent(request, 'execute_request'), beforeReply);
    } catch (error) {
      // A client that waits for a reply must get one.
      log.error({ err: error }, 'a cell could not be answered');
      const failed = cellError(error as Error);
      publisher.error(failed, request);
      publisher.reply('shell', request, {
        status: 'error',
        execution_count: this.nextCount,
        ...failed,
      });
    } finally {
      inputs.forget();
      this.running = undefined;
      this.answering = false;
      publisher.status('idle', request);
    }
  }

  expect(cells: readonly QueuedCell[], idle: boolean): void {
    const { languages } = this.parts;
    const parsed = cells.map(({ request }) =>
      languages.parse(readContent(request, 'execute_request').code),
    );
    for (const language of languages.list()) {
      const own = parsed.flatMap((cell) =>
        cell.kind === 'cell' && cell.language === language.name ? [cell.code] : [],
      );
      language.expect?.(own, idle);
    }
  }

  abort({ request }: QueuedCell): void {
    const { publisher } = this.parts;
    publisher.status('busy', request);
    publisher.reply('shell', request, { status: 'aborted', execution_count: this.nextCount });
    publisher.status('idle', request);
  }

  private async answer(
    queued: QueuedCell,
    content: ExecuteRequest,
    beforeReply: (verdict: CellVerdict) => Promise<void>,
  ): Promise<void> {
    const { publisher, aspects } = this.parts;
    const cell = this.begin(queued, content);
    const { request, parsed } = cell;
    if (!content.silent) {
      publisher.publish(
        'execute_input',
        { code: content.code, execution_count: cell.count },
        request,
      );
    }
    const report = await within(aspects, cell, async () =>
      parsed === undefined ? { status: 'ok' } : this.dispatch(cell, parsed),
    );
    if (report.error !== undefined && report.published !== true && !content.silent) {
      publisher.error(report.error, request);
    }
    await beforeReply(
      report.status === 'error' && content.stop_on_error && !content.silent
        ? 'abortQueue'
        : 'continue',
    );
    publisher.reply('shell', request, replyContent(report, cell.count), {
      metadata: {
        started: cell.startedAt.toISOString(),
        ...report.metadata,
        [METADATA_KEY]: {
          ...report.entries,
          ...(report.diagnostics === undefined ? {} : { diagnostics: report.diagnostics }),
        },
      },
      ...(report.finishedAt === undefined ? {} : { date: report.finishedAt }),
    });
  }

  /** Reads a cell and gives it its number. */
  private begin({ request, arrived }: QueuedCell, content: ExecuteRequest): Running {
    const { languages, publisher } = this.parts;
    const startedAt = new Date();
    const started = performance.now();
    const isEmpty = content.code.trim() === '';
    const nothingToDo = isEmpty && Object.keys(content.user_expressions).length === 0;
    const parsed = nothingToDo ? undefined : languages.parse(content.code);
    const storeHistory = !content.silent && (content.store_history ?? true);
    const count = this.nextCount;
    if (storeHistory && !isEmpty) this.nextCount += 1;
    return {
      cellId: cellIdOf(request),
      source: content.code,
      isEmpty,
      options: withUsual(parsed?.kind === 'cell' ? parsed.options : {}),
      language: languages.defaultName,
      count,
      silent: content.silent,
      storeHistory,
      arrived,
      started,
      startedAt,
      request,
      content,
      parsed,
      display: (data) => publisher.display(data, request),
      warn: (text) => publisher.stream('stderr', text, request),
    };
  }

  private async dispatch(cell: Running, parsed: ParsedCell): Promise<CellReport> {
    const { languages, publisher } = this.parts;
    switch (parsed.kind) {
      case 'help':
        this.remember(cell);
        publisher.display({ 'text/plain': parsed.text }, cell.request);
        return { status: 'ok' };
      case 'error':
        this.remember(cell);
        return { status: 'error', ...usageError(parsed.message) };
      case 'doubtful': {
        const { relay } = languages.named(parsed.cell.language);
        const known = await relay?.hasCellMagic(parsed.name).catch(() => true);
        if (known !== false) return this.runIn(cell, parsed.cell);
        this.remember(cell);
        return { status: 'error', ...usageError(parsed.message) };
      }
      case 'cell':
        return this.runIn(cell, parsed);
    }
  }

  private async runIn(cell: Running, parsed: ParsedCell & { kind: 'cell' }): Promise<CellReport> {
    const language = this.parts.languages.named(parsed.language);
    cell.language = language.name;
    // A process that speaks Jupyter sees to its own magics and its own history.
    if (language.relay !== undefined) return this.execute(language, cell, parsed.code);
    this.remember(cell);
    const { magics, code } = takeMagics(parsed.code);
    for (const magic of magics) {
      const result = await runMagic(magic, this.parts.magicTargets);
      if ('error' in result) return { status: 'error', error: result.error };
      if (!cell.silent) cell.display(result.data);
    }
    return this.execute(language, cell, code);
  }

  private execute(language: Language, running: Running, code: string): Promise<CellOutcome> {
    const { content, request } = running;
    this.running = language;
    this.observe(running, { kind: 'begun' });
    const cell: Cell = {
      code,
      origin: new Origin(request),
      cellId: running.cellId,
      executionCount: running.count,
      silent: content.silent,
      storeHistory: running.storeHistory,
      allowStdin: content.allow_stdin,
      userExpressions: content.user_expressions,
      options: running.options,
    };
    return language.execute(cell, (event) => {
      this.observe(running, event);
      this.emit(event, running, language);
    });
  }

  private observe(cell: Running, event: RunEvent): void {
    for (const aspect of this.parts.aspects) aspect.observe?.(cell, event);
  }

  private emit(event: CellEvent, { request, content, count }: Running, language: Language): void {
    const { publisher, inputs } = this.parts;
    if (event.kind === 'inputRequest') {
      inputs.ask(language, request, event, content.allow_stdin);
      return;
    }
    // "silent: … the kernel will not broadcast output on the IOPUB channel" (messaging.rst).
    if (content.silent) return;
    switch (event.kind) {
      case 'stream':
        publisher.stream(event.name, event.text, request);
        break;
      case 'display':
        publisher.display(event.data, request, event.metadata);
        break;
      case 'result':
        publisher.publish(
          'execute_result',
          { execution_count: count, data: event.data, metadata: event.metadata ?? {} },
          request,
        );
        break;
      case 'clearOutput':
        publisher.publish('clear_output', { wait: event.wait }, request);
        break;
      case 'phase':
        break;
    }
  }

  /** Cells that the keeper of the history does not see still belong to the one history. */
  private remember({ storeHistory, count, source }: Running): void {
    if (storeHistory) this.parts.languages.able('history')?.history.remember(count, source);
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
