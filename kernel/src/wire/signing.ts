import { createHmac, timingSafeEqual } from 'node:crypto';

/** How many signatures a {@link ReplayGuard} remembers, as in jupyter_client's `Session.digest_history_size`. */
const REMEMBERED_SIGNATURES = 2 ** 16;

/** A message whose signature is wrong, missing or was seen before. It is logged and dropped. */
export class SignatureError extends Error {
  override readonly name = 'SignatureError';
}

/**
 * Signs and checks the four JSON frames of a message (header, parent header, metadata, content), never its buffers:
 * "The Wire Protocol" of the Jupyter messaging specification. An empty key disables signing.
 */
export class Signer {
  constructor(private readonly key: string) {}

  /** The hexadecimal HMAC-SHA256 of the frames in order, or an empty string without a key. */
  sign(frames: readonly Buffer[]): string {
    return this.key === '' ? '' : this.digest(frames).toString('hex');
  }

  /** Throws a {@link SignatureError} unless `signature` is that of the frames; compares in constant time. */
  verify(frames: readonly Buffer[], signature: Buffer): void {
    if (this.key === '') return;
    const expected = this.digest(frames);
    // Decoding stops at the first character that is no digit, so the length is compared before it.
    const given =
      signature.length === 2 * expected.length
        ? Buffer.from(signature.toString('latin1'), 'hex')
        : Buffer.alloc(0);
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
      throw new SignatureError(
        signature.length === 0 ? 'the message is unsigned' : 'wrong signature',
      );
    }
  }

  /** Whether messages carry a signature at all. */
  get enabled(): boolean {
    return this.key !== '';
  }

  private digest(frames: readonly Buffer[]): Buffer {
    const hmac = createHmac('sha256', this.key);
    for (const frame of frames) hmac.update(frame);
    return hmac.digest();
  }
}

/**
 * Remembers the newest signatures and refuses those it has seen. One guard serves all sockets of a kernel, so that a
 * message recorded on one channel cannot be played on another.
 */
export class ReplayGuard {
  private readonly seen = new Set<string>();

  /** Throws a {@link SignatureError} when `signature` was admitted before. */
  admit(signature: Buffer): void {
    const text = signature.toString('latin1').toLowerCase();
    if (this.seen.has(text)) throw new SignatureError('a message was replayed');
    this.seen.add(text);
    if (this.seen.size > REMEMBERED_SIGNATURES) {
      const oldest = this.seen.values().next().value;
      if (oldest !== undefined) this.seen.delete(oldest);
    }
  }
}
