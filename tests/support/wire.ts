import { createHmac, randomUUID } from 'node:crypto';

/** The client's own idea of the wire, written from the specification: sharing the kernel's would hide its mistakes. */

export type Json = Record<string, unknown>;

export interface Header extends Json {
  msg_id: string;
  msg_type: string;
  session: string;
  username: string;
  date: string;
  version: string;
}

export type Channel = 'shell' | 'control' | 'stdin' | 'iopub';

/** A message that arrived, with everything read. */
export interface Message {
  channel: Channel;
  /** What stands before the delimiter: on iopub the topic. */
  topic: string;
  type: string;
  header: Header;
  parent: Partial<Header>;
  metadata: Json;
  content: Json;
  buffers: Buffer[];
}

const DELIMITER = Buffer.from('<IDS|MSG>');

export function header(type: string, session: string): Header {
  return {
    msg_id: randomUUID(),
    msg_type: type,
    session,
    username: 'tester',
    date: new Date().toISOString(),
    version: '5.4',
  };
}

/** The hexadecimal signature of the four JSON frames; empty without a key. */
export function signature(key: string, frames: readonly Buffer[]): string {
  if (key === '') return '';
  const hmac = createHmac('sha256', key);
  for (const frame of frames) hmac.update(frame);
  return hmac.digest('hex');
}

/** The frames of a signed message, from the delimiter on. */
export function compose(
  key: string,
  parts: { header: unknown; parent?: unknown; metadata?: unknown; content: unknown },
  buffers: readonly Buffer[] = [],
): Buffer[] {
  const frames = [parts.header, parts.parent ?? {}, parts.metadata ?? {}, parts.content].map(
    (part) => (Buffer.isBuffer(part) ? part : Buffer.from(JSON.stringify(part))),
  );
  return [DELIMITER, Buffer.from(signature(key, frames)), ...frames, ...buffers];
}

/** Reads a message. Throws when its form or its signature is wrong. */
export function parse(channel: Channel, key: string, parts: readonly Buffer[]): Message {
  const delimiter = parts.findIndex((part) => part.equals(DELIMITER));
  if (delimiter < 0) throw new Error(`${channel}: a message without a delimiter`);
  const [signed, head, parent, metadata, content, ...buffers] = parts.slice(delimiter + 1);
  if (!signed || !head || !parent || !metadata || !content) {
    throw new Error(`${channel}: a message with too few frames`);
  }
  if (signed.toString() !== signature(key, [head, parent, metadata, content])) {
    throw new Error(`${channel}: a message with a wrong signature`);
  }
  const json = (frame: Buffer): Json => JSON.parse(frame.toString('utf8')) as Json;
  const parsed = json(head) as Header;
  return {
    channel,
    topic: Buffer.concat(parts.slice(0, delimiter)).toString(),
    type: parsed.msg_type,
    header: parsed,
    parent: json(parent),
    metadata: json(metadata),
    content: json(content),
    buffers,
  };
}
