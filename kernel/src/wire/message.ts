import { randomUUID } from 'node:crypto';
import { z } from 'zod';

/** A JSON object whose fields nobody has looked at yet. */
export type JsonObject = Record<string, unknown>;

/** The version of the messaging protocol that this kernel speaks (`header.version`). */
export const PROTOCOL_VERSION = '5.5';

/** Half of a UTF-16 pair is no text: Python, where the header goes, cannot write it out again. */
const text = z.string().refine((value) => !/\p{Surrogate}/u.test(value), 'half of a character');

const headerSchema = z.looseObject({
  msg_id: text.min(1),
  msg_type: text.min(1),
  session: text,
  username: text.default(''),
  date: text.default(''),
  version: text.default(''),
});

/** A message's header. Fields that the specification does not name are kept. */
export type Header = z.infer<typeof headerSchema>;

/** The four signed frames, as they travel. */
export interface JsonFrames {
  readonly header: Buffer;
  readonly parentHeader: Buffer;
  readonly metadata: Buffer;
  readonly content: Buffer;
}

/**
 * A message of which only the header was read. Relayed messages keep the frames that nobody needs to look into, which
 * leaves them byte-identical and costs nothing.
 */
export interface Envelope {
  /** Routing identities (or, on iopub, the topic) in front of the delimiter. */
  readonly identities: readonly Buffer[];
  readonly header: Header;
  readonly frames: JsonFrames;
  readonly buffers: readonly Buffer[];
}

/** A message that cannot be understood. It is logged and dropped; the kernel lives on. */
export class MalformedMessageError extends Error {
  override readonly name = 'MalformedMessageError';
}

/** A new header for a message of type `msgType` from `session`. */
export function newHeader(msgType: string, session: string): Header {
  return {
    msg_id: randomUUID(),
    msg_type: msgType,
    session,
    username: 'ferrobook',
    date: new Date().toISOString(),
    version: PROTOCOL_VERSION,
  };
}

/** Parses a header frame. Throws a {@link MalformedMessageError}. */
export function parseHeader(frame: Buffer): Header {
  const parsed = headerSchema.safeParse(parseObject(frame, 'header'));
  if (!parsed.success) {
    throw new MalformedMessageError(`header: ${z.prettifyError(parsed.error)}`);
  }
  return parsed.data;
}

/** Parses a frame that must hold a JSON object. Throws a {@link MalformedMessageError} that names the frame. */
export function parseObject(frame: Buffer, name: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(frame.toString('utf8'));
  } catch (error) {
    throw new MalformedMessageError(`${name} is not JSON: ${(error as Error).message}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new MalformedMessageError(`${name} is not a JSON object`);
  }
  return value as JsonObject;
}

/** The content of a message. Throws a {@link MalformedMessageError}. */
export function contentOf(message: Envelope): JsonObject {
  return parseObject(message.frames.content, 'content');
}

/** The metadata of a message. Throws a {@link MalformedMessageError}. */
export function metadataOf(message: Envelope): JsonObject {
  return parseObject(message.frames.metadata, 'metadata');
}

/**
 * Throws a {@link MalformedMessageError} unless every frame holds a JSON object that others can read, too. What does
 * not is not fit to be passed on: who gets it drops it without a word, and its sender would wait for ever.
 */
export function checkFrames({ frames }: Envelope): void {
  parseObject(frames.parentHeader, 'parent_header');
  parseObject(frames.metadata, 'metadata');
  parseObject(frames.content, 'content');
  checkDepth(frames.header, 'header');
  checkDepth(frames.parentHeader, 'parent_header');
  checkDepth(frames.metadata, 'metadata');
  checkDepth(frames.content, 'content');
}

/**
 * How deep the objects and arrays of a frame may be nested. Python's parsers recurse: with its limit of 1000 calls,
 * jupyter_client reads headers of up to some 450 levels.
 */
const MAX_DEPTH = 256;

const [OPEN_OBJECT, CLOSE_OBJECT, OPEN_ARRAY, CLOSE_ARRAY, QUOTE, BACKSLASH] =
  Buffer.from('{}[]"\\');

/** Throws a {@link MalformedMessageError} when `frame`, which holds JSON, is nested too deep. */
function checkDepth(frame: Buffer, name: string): void {
  // Every level takes two brackets.
  if (frame.length <= 2 * MAX_DEPTH) return;
  let depth = 0;
  let inString = false;
  for (let at = 0; at < frame.length; at++) {
    const byte = frame[at];
    if (inString) {
      if (byte === BACKSLASH) at += 1;
      else if (byte === QUOTE) inString = false;
    } else if (byte === QUOTE) inString = true;
    else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) depth += 1;
    else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) depth -= 1;
    if (depth > MAX_DEPTH) {
      throw new MalformedMessageError(`${name} is nested more than ${MAX_DEPTH} levels deep`);
    }
  }
}

/** The `msg_id` of the request that `message` belongs to, if any. */
export function parentIdOf(message: Envelope): string | undefined {
  const id = parseObject(message.frames.parentHeader, 'parent_header')['msg_id'];
  return typeof id === 'string' ? id : undefined;
}

/** A field that should hold text; anything else counts as empty. */
export function textField(object: JsonObject, name: string): string {
  const value = object[name];
  return typeof value === 'string' ? value : '';
}

/** `value` as a JSON frame. */
export function jsonFrame(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value), 'utf8');
}
