import type { Json, Message } from './wire';

/** An iopub message as tests write it down: only what the user would see. */
export type Output =
  | { stdout: string }
  | { stderr: string }
  | { result: Json; metadata?: Json }
  | { display: Json; id?: string; metadata?: Json }
  | { update: Json; id?: string; metadata?: Json }
  | { error: Json }
  | { other: string; content: Json; buffers?: Buffer[] };

/** The outputs in order; neighbouring pieces of one stream are one output, as in a notebook. */
export function readable(messages: readonly Message[]): Output[] {
  const outputs: Output[] = [];
  for (const message of messages) {
    const output = toOutput(message);
    const last = outputs.at(-1);
    if (last && 'stdout' in last && 'stdout' in output) last.stdout += output.stdout;
    else if (last && 'stderr' in last && 'stderr' in output) last.stderr += output.stderr;
    else outputs.push(output);
  }
  return outputs;
}

function toOutput({ type, content, buffers }: Message): Output {
  switch (type) {
    case 'stream': {
      const text = content['text'] as string;
      return content['name'] === 'stdout' ? { stdout: text } : { stderr: text };
    }
    case 'execute_result':
      return { result: content['data'] as Json, ...metadataOf(content) };
    case 'display_data':
      return { display: content['data'] as Json, ...idOf(content), ...metadataOf(content) };
    case 'update_display_data':
      return { update: content['data'] as Json, ...idOf(content), ...metadataOf(content) };
    case 'error':
      return { error: content };
    default:
      return { other: type, content, ...(buffers.length > 0 ? { buffers } : {}) };
  }
}

function idOf(content: Json): { id?: string } {
  const id = (content['transient'] as Json | undefined)?.['display_id'];
  return typeof id === 'string' ? { id } : {};
}

function metadataOf(content: Json): { metadata?: Json } {
  const metadata = content['metadata'] as Json | undefined;
  return metadata !== undefined && Object.keys(metadata).length > 0 ? { metadata } : {};
}
