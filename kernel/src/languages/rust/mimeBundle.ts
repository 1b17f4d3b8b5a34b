import type { MimeBundle } from '../language';

/**
 * The MIME type with which a Rust cell clears what it has shown so far. Its value is the content of `clear_output`:
 * `{"wait": true}` clears only once something new is shown.
 */
export const CLEAR_OUTPUT_MIME = 'application/vnd.ferrobook.clear-output+json';

/** What a cell printed by MIME type, as clients want it: types of JSON carry the value, not its text (messaging.rst). */
export function mimeBundle(printed: Readonly<Record<string, string>>): MimeBundle {
  return Object.fromEntries(
    Object.entries(printed).map(([type, text]) => [type, isJson(type) ? valueOf(text) : text]),
  );
}

function isJson(type: string): boolean {
  return type === 'application/json' || type.endsWith('+json');
}

/** Text that is no JSON is shown as it is, so that its author sees what is wrong with it. */
function valueOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
