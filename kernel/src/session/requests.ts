import { z } from 'zod';
import { type Envelope, MalformedMessageError, contentOf } from '../wire/message';

const text = z.string();

/** Content of the requests that the session looks into, by message type: "Messages on the shell channel" of messaging.rst. */
const schemas = {
  execute_request: z.looseObject({
    code: text,
    silent: z.boolean().default(false),
    store_history: z.boolean().optional(),
    user_expressions: z.record(z.string(), z.string()).default({}),
    allow_stdin: z.boolean().default(false),
    stop_on_error: z.boolean().default(true),
  }),
  complete_request: z.looseObject({ code: text, cursor_pos: z.number().int().min(0).nullish() }),
  inspect_request: z.looseObject({
    code: text,
    cursor_pos: z.number().int().min(0).nullish(),
    detail_level: z.union([z.literal(0), z.literal(1)]).default(0),
  }),
  is_complete_request: z.looseObject({ code: text }),
  shutdown_request: z.looseObject({ restart: z.boolean().default(false) }),
  input_reply: z.looseObject({ value: z.string() }),
  comm_open: z.looseObject({ comm_id: text, target_name: text }),
  comm_close: z.looseObject({ comm_id: text }),
};

type Schemas = typeof schemas;
export type RequestContent<T extends keyof Schemas> = z.infer<Schemas[T]>;

/** Reads the content of a request. Throws a `MalformedMessageError` that names the field. */
export function readContent<T extends keyof Schemas>(
  message: Envelope,
  type: T,
): RequestContent<T> {
  const parsed = schemas[type].safeParse(contentOf(message));
  if (!parsed.success) {
    throw new MalformedMessageError(`${type}: ${z.prettifyError(parsed.error)}`);
  }
  return parsed.data as RequestContent<T>;
}
