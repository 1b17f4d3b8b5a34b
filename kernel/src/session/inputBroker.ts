import type { Language } from '../languages/language';
import type { Log } from '../log';
import { type Envelope, parentIdOf } from '../wire/message';
import type { Publisher } from './publisher';
import { readContent } from './requests';

/**
 * Carries input requests of the running cell to the client that sent it, and the answers back. Answers that nobody
 * waits for any more are discarded.
 */
export class InputBroker {
  private waiting: { request: Envelope; language: Language; question: string } | undefined;

  constructor(
    private readonly publisher: Publisher,
    private readonly log: Log,
  ) {}

  /** A cell asks; without `allowed` it learns at once that no answer will come. */
  ask(
    language: Language,
    request: Envelope,
    question: { prompt: string; password: boolean },
    allowed: boolean,
  ): void {
    if (!allowed) {
      language.input(undefined);
      return;
    }
    const id = this.publisher.askInput(request, question.prompt, question.password);
    this.waiting = { request, language, question: id };
  }

  /** A message arrived on the stdin channel. */
  answer(message: Envelope): void {
    const waiting = this.waiting;
    const sender = message.identities.at(-1);
    const asked = waiting?.request.identities.at(-1);
    // JupyterLab names the question that it answers; jupyter_client's own clients name none.
    const question = parentIdOf(message) ?? waiting?.question;
    if (
      waiting === undefined ||
      sender === undefined ||
      asked?.equals(sender) !== true ||
      question !== waiting.question
    ) {
      this.log.debug('an input reply that nobody waits for was discarded');
      return;
    }
    const { value } = readContent(message, 'input_reply');
    this.waiting = undefined;
    waiting.language.input(value);
  }

  /** The cell that asked is over. */
  forget(): void {
    this.waiting = undefined;
  }
}
