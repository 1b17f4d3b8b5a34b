import type { CheckedCell, LanguageName, Variable, VariableValue } from '@ferrobook/notebook';
import { type Language, LOSSES } from '../languages/language';
import { Origin } from '../languages/origin';
import type { Log } from '../log';
import { TimingLedger } from '../timing/ledger';
import type { Envelope } from '../wire/message';
import { ActivityAspect } from './aspects/activity';
import { LossesAspect } from './aspects/losses';
import { TimeAspect } from './aspects/time';
import { CellRunner } from './cellRunner';
import { CommRegistry } from './commRegistry';
import { ActivityBoard } from './control/activityBoard';
import { ControlComms } from './control/controlComms';
import { ExecutionQueue } from './executionQueue';
import { InputBroker } from './inputBroker';
import { kernelInfo } from './kernelInfo';
import type { KernelStatus } from './kernelStatus';
import { Languages } from './languages';
import type { MagicTargets } from './magics/magic';
import { relayedMagic } from './magics/relayedMagic';
import { runMagic } from './magics/runMagic';
import { takeMagics } from './magics/takeMagics';
import { completeMarker } from './markers/completeMarker';
import { markerHelpAt } from './markers/markerHelpAt';
import { Publisher } from './publisher';
import { readContent } from './requests';
import type { Receiver, RequestChannel, Transport } from './transport';

/** What a session is made of. */
export interface SessionParts {
  readonly version: string;
  readonly transport: Transport;
  readonly languages: Readonly<Record<LanguageName, Language>>;
  readonly defaultLanguage: LanguageName;
  readonly log: Log;
  /** Where the log goes. */
  readonly logFile: string;
  /** Ends the kernel once the shutdown reply is on its way. */
  onShutdown(): void;
}

/** `undefined` where the request has no reply, or where it was sent already. */
type Handler = (request: Envelope) => Promise<object | undefined>;

/**
 * One notebook: takes the clients' requests, hands them to the languages, and answers. Only here and in the publisher
 * are headers, parents, execution counts and busy/idle made.
 */
export class Session implements Receiver {
  private readonly publisher: Publisher;
  private readonly ledger = new TimingLedger();
  private readonly comms = new CommRegistry();
  private readonly losses = new LossesAspect();
  private readonly control: ControlComms;
  private readonly activity: ActivityBoard;
  private readonly inputs: InputBroker;
  private readonly runner: CellRunner;
  private readonly queue: ExecutionQueue;
  private readonly languages: Languages;
  private readonly log: Log;

  private readonly magicTargets: MagicTargets = {
    ledger: this.ledger,
    restart: (language) => this.restart(language, true),
    status: () => this.status(),
    cache: async (clear) => this.languages.able('cache')?.cache.usage(clear),
  };

  private readonly shellHandlers: Record<string, Handler> = {
    kernel_info_request: async () => this.kernelInfo(),
    complete_request: (request) => this.complete(request),
    inspect_request: (request) => this.inspect(request),
    is_complete_request: (request) => this.isComplete(request),
    history_request: (request) => this.history(request),
    comm_info_request: (request) => this.commInfo(request),
    comm_open: (request) => this.comm(request),
    comm_msg: (request) => this.comm(request),
    comm_close: (request) => this.comm(request),
  };

  private readonly controlHandlers: Record<string, Handler> = {
    kernel_info_request: async () => this.kernelInfo(),
    interrupt_request: () => this.interrupt(),
    shutdown_request: (request) => this.shutdown(request),
    debug_request: (request) => this.relay('control', request),
    usage_request: (request) => this.relay('control', request),
  };

  constructor(private readonly parts: SessionParts) {
    this.log = parts.log;
    this.publisher = new Publisher(parts.transport);
    this.languages = new Languages(parts.languages, parts.defaultLanguage);
    this.control = new ControlComms(this.publisher, {
      restart: (language) => this.restart(language, false),
      status: () => this.status(),
      activity: () => this.activity.current(),
      variables: () => this.variables(),
      value: (language, name) => this.value(language, name),
      check: (code, cell) => this.check(code, cell),
    });
    this.activity = new ActivityBoard(parts.languages, (activity) => this.control.tell(activity));
    this.inputs = new InputBroker(this.publisher, parts.log);
    this.runner = new CellRunner({
      languages: this.languages,
      aspects: [new TimeAspect(this.ledger), new ActivityAspect(this.activity), this.losses],
      magicTargets: this.magicTargets,
      publisher: this.publisher,
      inputs: this.inputs,
      log: parts.log,
    });
    this.queue = new ExecutionQueue(this.runner);
  }

  /** Says that the kernel has come up; once in its life. */
  announce(): void {
    this.publisher.status('starting', undefined);
  }

  onShell(request: Envelope): void {
    if (request.header.msg_type === 'execute_request') {
      // A request that cannot be read is dropped before it gets a place in the queue.
      readContent(request, 'execute_request');
      for (const language of this.languages.list()) language.check?.cancel();
      this.queue.push({ request, arrived: performance.now() });
      return;
    }
    this.handle('shell', request, this.shellHandlers);
  }

  onControl(request: Envelope): void {
    this.handle('control', request, this.controlHandlers);
  }

  onStdin(message: Envelope): void {
    if (message.header.msg_type === 'input_reply') this.inputs.answer(message);
  }

  /** JEP 65: a subscriber is welcomed, so that it knows that nothing will pass it by from now on. */
  onSubscribe(topic: Buffer): void {
    const subscription = topic.toString('utf8');
    this.publisher.publish('iopub_welcome', { subscription }, undefined, { topic: subscription });
  }

  /** An iopub message of a language that relays; magics among them are answered in their place. */
  async onRelayed(language: LanguageName, message: Envelope): Promise<void> {
    const magic = relayedMagic(message);
    if (magic === undefined) {
      this.comms.observe(message, language);
      this.publisher.relay(message);
      return;
    }
    const result = await runMagic(magic, this.magicTargets);
    // What answers the magic belongs to the cell that it stands in.
    const { frames } = message;
    const parent: Envelope = { ...message, frames: { ...frames, header: frames.parentHeader } };
    if ('error' in result) {
      this.publisher.stream('stderr', `${result.error.traceback.join('\n')}\n`, parent);
    } else {
      this.publisher.display(result.data, parent);
    }
  }

  /** A language has become ready, or is so no longer. */
  onState(language: LanguageName): void {
    this.activity.languageChanged(language);
  }

  /** A language's process ended by itself. `announced`: the user knows already. */
  onDeath(language: LanguageName, error: Error, announced = false): void {
    this.log.warn({ language, reason: error.message }, 'a language ended unexpectedly');
    // A cell that was running in it says so itself.
    if (!announced && !this.runner.isRunning(language)) {
      this.losses.note(language, `${error.message}\n${LOSSES[language]}\n`);
    }
    this.closeComms(language);
  }

  /** Stops the running cell and drops those behind it: `interrupt_request` and SIGINT. */
  async interrupt(): Promise<object> {
    this.queue.abortWaiting();
    await this.runner.interrupt();
    return { status: 'ok' };
  }

  /** Frontends forget the widgets of a process that is gone. */
  private closeComms(language: LanguageName): void {
    for (const id of this.comms.drop(language)) {
      this.publisher.publish('comm_close', { comm_id: id, data: {} }, undefined);
    }
  }

  private async restart(language: LanguageName, byCell: boolean): Promise<void> {
    await this.languages.named(language).restart(byCell);
    this.closeComms(language);
  }

  private async status(): Promise<KernelStatus> {
    return {
      version: this.parts.version,
      process: { pid: process.pid, residentMb: process.memoryUsage.rss() / 2 ** 20 },
      logFile: this.parts.logFile,
      languages: await this.languages.each((language) => language.status()),
    };
  }

  private variables(): Promise<Record<LanguageName, Variable[] | null>> {
    return this.languages.each(async (language) => (await language.variables()) ?? null);
  }

  private async value(language: LanguageName, name: string): Promise<VariableValue> {
    // Looking at a value must not hold up a cell.
    if (!this.runner.isIdle)
      throw new Error('A cell runs; open the variable again when it has ended.');
    return this.languages.named(language).value(name);
  }

  private async check(code: string, cell: string | undefined): Promise<CheckedCell> {
    const parsed = this.languages.parse(code);
    const checker =
      parsed.kind === 'cell' ? this.languages.named(parsed.language).check : undefined;
    if (parsed.kind !== 'cell' || checker === undefined) return { diagnostics: [] };
    if (this.queue.busy) return { diagnostics: null };
    return { diagnostics: await checker.check(takeMagics(parsed.code).code, cell) };
  }

  private handle(
    channel: RequestChannel,
    request: Envelope,
    handlers: Record<string, Handler>,
  ): void {
    const type = request.header.msg_type;
    const handler = Object.hasOwn(handlers, type) ? handlers[type] : undefined;
    if (handler === undefined) {
      this.log.warn({ channel, type }, 'a message of an unknown type was dropped');
      return;
    }
    void this.answer(channel, request, handler);
  }

  /** Every request passes here: busy, the reply, idle, whatever the handler does. */
  private async answer(
    channel: RequestChannel,
    request: Envelope,
    handler: Handler,
  ): Promise<void> {
    this.publisher.status('busy', request);
    try {
      const content = await handler(request);
      if (content !== undefined) this.publisher.reply(channel, request, content);
    } catch (error) {
      this.log.warn({ err: error, type: request.header.msg_type }, 'a request failed');
      if (request.header.msg_type.endsWith('_request')) {
        const { name, message } = error as Error;
        this.publisher.reply(channel, request, {
          status: 'error',
          ename: name,
          evalue: message,
          traceback: [],
        });
      }
    } finally {
      this.publisher.status('idle', request);
    }
  }

  private async kernelInfo(): Promise<object> {
    return kernelInfo({
      version: this.parts.version,
      defaultLanguage: this.parts.defaultLanguage,
      languages: await this.languages.each((language) => language.info()),
    });
  }

  private async complete(request: Envelope): Promise<object> {
    const { code, cursor_pos: position } = readContent(request, 'complete_request');
    const cursor = position ?? [...code].length;
    const marker = completeMarker(code, cursor);
    if (marker?.exclusive === true) return { status: 'ok', ...marker.completions };
    const { language, text } = this.languages.codeOf(code);
    const found = await language.complete(new Origin(request), text, cursor);
    const magics = marker?.completions.matches ?? [];
    return {
      status: 'ok',
      ...found,
      ...(marker === undefined
        ? {}
        : {
            ...marker.completions,
            matches: [...new Set([...magics, ...found.matches])],
            metadata: {},
          }),
    };
  }

  private async inspect(request: Envelope): Promise<object> {
    const {
      code,
      cursor_pos: position,
      detail_level: detail,
    } = readContent(request, 'inspect_request');
    const cursor = position ?? [...code].length;
    const help = markerHelpAt(code, cursor);
    if (help !== undefined) {
      return { status: 'ok', found: true, data: { 'text/plain': help }, metadata: {} };
    }
    const { language, text } = this.languages.codeOf(code);
    return { status: 'ok', ...(await language.inspect(new Origin(request), text, cursor, detail)) };
  }

  private async isComplete(request: Envelope): Promise<object> {
    const { code } = readContent(request, 'is_complete_request');
    const { language, text } = this.languages.codeOf(code);
    return language.isComplete(new Origin(request), text);
  }

  private async history(request: Envelope): Promise<undefined> {
    const history = this.languages.able('history')?.history;
    const reply = await history?.answer(request, this.runner.upcomingCount);
    if (reply !== undefined) this.publisher.relayReply('shell', request, reply);
  }

  private async comm(message: Envelope): Promise<undefined> {
    if (!(await this.control.take(message))) await this.relay('shell', message);
  }

  private async commInfo(request: Envelope): Promise<object | undefined> {
    const ours = this.control.infoFor(request);
    if (ours !== undefined) return ours;
    const reply = await this.forward('shell', request);
    return reply === undefined ? undefined : this.control.addTo(reply, request);
  }

  /** Hands a request to the process that speaks Jupyter and its reply back, unread. */
  private async relay(channel: RequestChannel, request: Envelope): Promise<undefined> {
    const reply = await this.forward(channel, request);
    if (reply !== undefined) this.publisher.relayReply(channel, request, reply);
  }

  private async forward(channel: RequestChannel, request: Envelope): Promise<Envelope | undefined> {
    const language = this.languages.able('relay');
    if (language !== undefined) this.comms.observe(request, language.name);
    return language?.relay.forward(channel, request);
  }

  private async shutdown(request: Envelope): Promise<undefined> {
    const { restart } = readContent(request, 'shutdown_request');
    const content = { status: 'ok', restart };
    this.queue.abortWaiting();
    // Other clients learn from iopub that the kernel goes.
    this.publisher.publish('shutdown_reply', content, request);
    this.publisher.reply('control', request, content);
    setImmediate(() => this.parts.onShutdown());
    return undefined;
  }
}
