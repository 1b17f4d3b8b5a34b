import type { LanguageName } from '@ferrobook/notebook';
import type { Envelope } from '../wire/message';
import { readContent } from './requests';

/** Which comm belongs to which language, learnt from the messages of both directions. */
export class CommRegistry {
  private readonly owners = new Map<string, LanguageName>();

  /** Looks at a comm message on its way; other messages are ignored. */
  observe(message: Envelope, language: LanguageName): void {
    const { msg_type: type } = message.header;
    if (type === 'comm_open') this.owners.set(readContent(message, type).comm_id, language);
    else if (type === 'comm_close') this.owners.delete(readContent(message, type).comm_id);
  }

  /** Forgets the comms of a language whose process is gone, and returns their ids. */
  drop(language: LanguageName): string[] {
    const dropped = [...this.owners].filter(([, owner]) => owner === language).map(([id]) => id);
    for (const id of dropped) this.owners.delete(id);
    return dropped;
  }
}
