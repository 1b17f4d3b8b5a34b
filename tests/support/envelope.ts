import { decode } from '../../kernel/src/wire/frames';
import type { Envelope } from '../../kernel/src/wire/message';
import { compose, header, type Json } from './wire';

/** A message as the kernel's modules get it from the sockets. */
export function envelope(
  type: string,
  content: Json,
  extra: { identity?: string; parent?: Json; metadata?: Json } = {},
): Envelope {
  const { identity = 'client', parent = {}, metadata = {} } = extra;
  return decode([
    Buffer.from(identity),
    ...compose('', { header: header(type, 'session'), parent, metadata, content }),
  ]);
}
