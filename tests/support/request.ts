import { isDeepStrictEqual } from 'node:util';
import { type Output, readable } from './outputs';
import { Changing } from './waiting';
import type { Header, Json, Message } from './wire';

/** The timing record, as far as every cell's is checked. */
interface Timing {
  version: number;
  language: string;
  status: string;
  phases: { name: string; ms: number }[];
  totalMs: number;
  cpuMs: number;
}

/**
 * One request and all that came back for it. The rules that hold for every request are checked by itself: busy first,
 * idle last, the parent is the request, one `execute_input`, a timing record that adds up.
 *
 * What a test does not look at is a failure ({@link problems}).
 */
export class Request {
  private readonly received: Message[] = [];
  private readonly shown: Message[] = [];
  private readonly questions: Message[] = [];
  private answer: Message | undefined;
  private readonly wrong: string[] = [];
  private readonly change = new Changing();

  constructor(
    readonly channel: 'shell' | 'control',
    readonly header: Header,
    readonly content: Json,
    private readonly reply_: (type: string, content: Json, parent: Json) => Promise<void>,
  ) {}

  get type(): string {
    return this.header.msg_type;
  }

  /** Whether everything that can come has come. */
  get finished(): boolean {
    return (
      this.received.at(-1)?.content['execution_state'] === 'idle' &&
      (this.answer !== undefined || !this.wantsReply)
    );
  }

  /** For the client: a message arrived whose parent is this request. */
  take(message: Message): void {
    this.checkParent(message);
    if (message.channel === 'iopub') this.takeOutput(message);
    else if (message.channel === 'stdin') this.questions.push(message);
    else this.takeReply(message);
    this.change.changed();
  }

  /** The reply. It is there before idle. */
  reply(): Promise<Message> {
    return this.change.until(`the reply to ${this.name}`, () => this.answer, this.transcript);
  }

  /** The content of the reply, after idle. */
  async result(): Promise<Json> {
    await this.done();
    return (await this.reply()).content;
  }

  /** Resolves after the reply and idle. */
  async done(): Promise<this> {
    await this.change.until(
      `the end of ${this.name}`,
      () => (this.finished ? true : undefined),
      this.transcript,
    );
    return this;
  }

  /** Resolves when the kernel has begun with this request. */
  async busy(): Promise<void> {
    await this.change.until(
      `the start of ${this.name}`,
      () => (this.received.length > 0 ? true : undefined),
      this.transcript,
    );
  }

  /** Resolves when a cell's source was echoed. */
  async started(): Promise<Message> {
    return this.change.until(
      `the execute_input of ${this.name}`,
      () => this.received.find((message) => message.type === 'execute_input'),
      this.transcript,
    );
  }

  /** The next output that nobody has looked at, as soon as it is there; the request may still be running. */
  async next(): Promise<Message> {
    await this.change.until(
      `output of ${this.name}`,
      () => (this.shown.length > 0 || this.finished ? true : undefined),
      this.transcript,
    );
    const message = this.shown.shift();
    if (message === undefined) throw new Error(`no output of ${this.name}; ${this.transcript()}`);
    return message;
  }

  /** Live output up to the first whose text contains `text`. */
  async nextText(text: string): Promise<string> {
    for (let seen = ''; ;) {
      const message = await this.next();
      const piece = message.content['text'];
      if (typeof piece === 'string') seen += piece;
      if (seen.includes(text)) return seen;
    }
  }

  /** All outputs that nobody has looked at, once the request is over. */
  async outputs(): Promise<Output[]> {
    await this.done();
    return readable(this.shown.splice(0));
  }

  /** Like {@link outputs}, as the messages that they were. */
  async outputMessages(): Promise<Message[]> {
    await this.done();
    return this.shown.splice(0);
  }

  /** The cell's error among the outputs; takes it away. */
  takeErrors(): Message[] {
    const errors = this.shown.filter((message) => message.type === 'error');
    this.shown.splice(
      0,
      this.shown.length,
      ...this.shown.filter((message) => message.type !== 'error'),
    );
    return errors;
  }

  /** The next question that the cell asks. */
  async question(): Promise<Message> {
    await this.change.until(
      `an input_request of ${this.name}`,
      () => (this.questions.length > 0 || this.finished ? true : undefined),
      this.transcript,
    );
    const question = this.questions.shift();
    if (question === undefined) throw new Error(`no question; ${this.transcript()}`);
    return question;
  }

  /** Answers `question` as a frontend does. */
  async answerWith(value: string, question: Message): Promise<void> {
    await this.reply_('input_reply', { status: 'ok', value }, question.header);
  }

  /** What broke the rules or was not looked at. */
  problems(): string[] {
    const unseen = readable(this.shown);
    return [
      ...this.wrong.map((problem) => `${this.name}: ${problem}`),
      ...(this.finished ? [] : [`${this.name} is not over; ${this.transcript()}`]),
      ...unseen.map((output) => `${this.name}: nobody looked at ${JSON.stringify(output)}`),
      ...this.questions.map(
        ({ content }) => `${this.name}: nobody looked at ${JSON.stringify(content)}`,
      ),
    ];
  }

  private get wantsReply(): boolean {
    return this.type.endsWith('_request');
  }

  private get name(): string {
    const code = this.content['code'];
    return typeof code === 'string' ? `${this.type} ${JSON.stringify(code)}` : this.type;
  }

  private readonly transcript = (): string =>
    `so far: ${[...this.received, ...this.questions, ...(this.answer ? [this.answer] : [])]
      .map(({ type, content }) => `${type} ${JSON.stringify(content).slice(0, 300)}`)
      .join('\n  ')}`;

  private takeOutput(message: Message): void {
    const state = message.type === 'status' ? message.content['execution_state'] : undefined;
    if (this.received.at(-1)?.content['execution_state'] === 'idle') {
      this.wrong.push(`${message.type} after idle: ${JSON.stringify(message.content)}`);
    }
    if ((this.received.length === 0) !== (state === 'busy')) {
      this.wrong.push(
        `busy comes once and first; position ${this.received.length} is ${message.type}`,
      );
    }
    this.received.push(message);
    if (message.type !== 'status' && message.type !== 'execute_input') this.shown.push(message);
    if (state === 'idle') this.checkEnd();
  }

  private takeReply(message: Message): void {
    if (this.answer !== undefined) this.wrong.push('a second reply');
    if (message.channel !== this.channel) this.wrong.push(`the reply came on ${message.channel}`);
    if (message.type !== this.type.replace('_request', '_reply')) {
      this.wrong.push(`the reply is a ${message.type}`);
    }
    this.answer = message;
    if (this.finished) this.checkEnd();
  }

  /** The parent is the request's header; dates may be written differently, but name the same moment. */
  private checkParent({ parent, type }: Message): void {
    for (const [name, value] of Object.entries(this.header)) {
      const given = parent[name];
      const same =
        isDeepStrictEqual(given, value) ||
        (name === 'date' &&
          new Date(String(given)).getTime() === new Date(String(value)).getTime());
      if (!same) this.wrong.push(`${type}: parent_header.${name} is ${String(given)}`);
    }
  }

  private checkEnd(): void {
    if (this.type !== 'execute_request' || !this.finished || this.answer === undefined) return;
    const { content } = this.answer;
    const aborted = content['status'] === 'aborted';
    const inputs = this.received.filter((message) => message.type === 'execute_input');
    const expected = this.content['silent'] === true || aborted ? 0 : 1;
    if (inputs.length !== expected) this.wrong.push(`${inputs.length} × execute_input`);
    for (const { content: input } of inputs) {
      if (input['code'] !== this.content['code']) this.wrong.push('execute_input has other code');
      if (input['execution_count'] !== content['execution_count']) {
        this.wrong.push('execute_input and execute_reply differ in execution_count');
      }
    }
    if (inputs.length > 0 && this.received[1] !== inputs[0]) {
      this.wrong.push('output before execute_input');
    }
    if (!aborted) this.checkTiming(this.answer);
  }

  private checkTiming({ metadata, content }: Message): void {
    const timing = (metadata['ferrobook'] as { timing?: Timing } | undefined)?.timing;
    if (timing === undefined) {
      this.wrong.push('a reply without a timing record');
      return;
    }
    const sum = timing.phases.reduce((total, phase) => total + phase.ms, 0);
    if (timing.version !== 1) this.wrong.push(`timing record of version ${timing.version}`);
    if (Math.abs(sum - timing.totalMs) > 1) {
      this.wrong.push(`phases of ${sum} ms in a cell of ${timing.totalMs} ms`);
    }
    if (timing.status !== content['status'])
      this.wrong.push('the timing record has another status');
  }
}
