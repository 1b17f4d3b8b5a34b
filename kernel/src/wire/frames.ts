import { type Envelope, type JsonFrames, MalformedMessageError, parseHeader } from './message';
import type { ReplayGuard, Signer } from './signing';

/** Separates routing identities from the signed part of a message. */
const DELIMITER = Buffer.from('<IDS|MSG>');

/** Signature, header, parent header, metadata, content. */
const FRAMES_AFTER_DELIMITER = 5;

/** More routing identities than any router on the way would add. */
const MAX_IDENTITIES = 16;

/**
 * Reads a multipart message. The raw bytes are verified before anything is parsed; without a `signer`, not at all.
 *
 * Throws a `MalformedMessageError` or a `SignatureError`.
 */
export function decode(parts: readonly Buffer[], signer?: Signer, replays?: ReplayGuard): Envelope {
  const delimiter = parts
    .slice(0, MAX_IDENTITIES + 1)
    .findIndex((part) => part.length === DELIMITER.length && part.equals(DELIMITER));
  if (delimiter < 0) throw new MalformedMessageError('no <IDS|MSG> delimiter');
  const [signature, header, parentHeader, metadata, content, ...buffers] = parts.slice(
    delimiter + 1,
  );
  if (!signature || !header || !parentHeader || !metadata || !content) {
    throw new MalformedMessageError(
      `${parts.length - delimiter - 1} frames after the delimiter; ${FRAMES_AFTER_DELIMITER} or more are expected`,
    );
  }
  signer?.verify([header, parentHeader, metadata, content], signature);
  if (signer?.enabled === true) replays?.admit(signature);
  return {
    identities: parts.slice(0, delimiter),
    header: parseHeader(header),
    frames: { header, parentHeader, metadata, content },
    buffers,
  };
}

/** Builds a signed multipart message, ready to be sent. */
export function encode(
  signer: Signer,
  message: {
    identities: readonly Buffer[];
    frames: JsonFrames;
    buffers?: readonly Buffer[];
  },
): Buffer[] {
  const { header, parentHeader, metadata, content } = message.frames;
  const signed = [header, parentHeader, metadata, content];
  return [
    ...message.identities,
    DELIMITER,
    Buffer.from(signer.sign(signed), 'latin1'),
    ...signed,
    ...(message.buffers ?? []),
  ];
}
