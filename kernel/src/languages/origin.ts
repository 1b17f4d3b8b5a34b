import type { Envelope } from '../wire/message';

/**
 * The client's message behind a request. Sessions hand it to every language in the same way; only a language whose own
 * process speaks Jupyter opens it, to relay the message with the client's header.
 */
export class Origin {
  readonly #message: Envelope;

  constructor(message: Envelope) {
    this.#message = message;
  }

  /** The message itself. */
  static messageOf(origin: Origin): Envelope {
    return origin.#message;
  }
}
