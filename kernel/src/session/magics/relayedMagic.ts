import { type Envelope, type JsonObject, contentOf, textField } from '../../wire/message';
import type { Magic } from './magic';

/** The MIME type by which a magic in ipykernel asks the bridge; `ferrobook/_bridge/relay.py` sends it. */
const COMMAND_MIME = 'application/vnd.ferrobook.command+json';

/** The magic that a display of a relaying process stands for, if it is one. */
export function relayedMagic(message: Envelope): Magic | undefined {
  if (
    message.header.msg_type !== 'display_data' ||
    message.frames.content.indexOf(COMMAND_MIME) < 0
  ) {
    return undefined;
  }
  const data = contentOf(message)['data'] as Record<string, unknown> | undefined;
  const command = data?.[COMMAND_MIME] as JsonObject | undefined;
  return command === undefined
    ? undefined
    : { name: textField(command, 'command'), arguments: textField(command, 'arguments') };
}
