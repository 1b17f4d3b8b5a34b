import {
  type JSONRPCRequest,
  createJSONRPCNotification,
  JSONRPCErrorCode,
  JSONRPCErrorException,
  JSONRPCServer,
} from 'json-rpc-2.0';
import { z } from 'zod';
import {
  LANGUAGES,
  type LanguageName,
  type Variable,
  type VariableValue,
} from '../languages/language';
import { type Envelope, type JsonObject, contentOf } from '../wire/message';
import type { Diagnostic } from '../languages/rust/protocol';
import type { Activity } from './activity';
import type { Publisher } from './publisher';
import { readContent } from './requests';
import type { KernelStatus } from './status';

/** The comm target by which a frontend reaches the kernel itself, not one of its languages. */
export const CONTROL_TARGET = 'ferrobook';

/** What a frontend may ask for. */
export interface ControlTargets {
  /** Starts one language afresh. */
  restart(language: LanguageName): Promise<void>;
  /** What the kernel is made of at this moment. */
  status(): Promise<KernelStatus>;
  /** What the kernel is at. */
  activity(): Activity;
  /** The user's variables. `null` of a language that cannot tell while a cell runs. */
  variables(): Promise<Record<LanguageName, Variable[] | null>>;
  /** A variable's value. Rejects while a cell runs. */
  value(language: LanguageName, name: string): Promise<VariableValue>;
  /** What the compiler says about a cell that is being typed. */
  check(code: string): Promise<CheckedCell>;
}

/**
 * What the compiler says about a cell. Lines and columns are the cell's own, its marker included, and count from 1;
 * columns count Unicode code points. A cell that is not Rust has no diagnostics.
 */
export interface CheckedCell {
  /** `null` when the cell was not checked: a cell runs, a newer check was asked for, or Rust is not available. */
  readonly diagnostics: readonly Diagnostic[] | null;
}

const restartParameters = z.strictObject({ language: z.enum(LANGUAGES) });
const checkParameters = z.strictObject({ code: z.string() });

/** Methods that the kernel is not shown to be busy with: somebody is typing. Their responses have no parent. */
const IN_THE_BACKGROUND: ReadonlySet<unknown> = new Set(['check']);

const valueParameters = z.strictObject({
  language: z.enum(LANGUAGES),
  /** It becomes a part of code. */
  name: z
    .string()
    .regex(/^(r#)?[\p{ID_Start}_]\p{ID_Continue}*$/u, 'must be the name of a variable'),
});

/**
 * The comms of the target {@link CONTROL_TARGET}. Their data are JSON-RPC 2.0 objects, a request from the frontend and a
 * response from the kernel in a `comm_msg` each:
 *
 * - `restart` `{language: 'python' | 'rust'}` → `null`, once the language's processes have ended; also while a cell runs.
 * - `status` → a {@link KernelStatus}.
 * - `variables` → `{python: Variable[] | null, rust: Variable[] | null}`; `null` where it cannot be told while a cell runs.
 * - `value` `{language, name}` → a {@link VariableValue}; an error while a cell runs.
 * - `watch` → the {@link Activity}. From then on this comm is told each new one: `activity`, a notification.
 * - `check` `{code}` → a {@link CheckedCell}. A newer check, and any cell, ends it.
 */
export class ControlComms {
  private readonly open = new Set<string>();
  private readonly watching = new Set<string>();
  /** A request is given the id of its comm besides its parameters. */
  private readonly server = new JSONRPCServer<string>({ errorListener: () => undefined });

  constructor(
    private readonly publisher: Publisher,
    targets: ControlTargets,
  ) {
    this.server.addMethod('restart', async (parameters: unknown) => {
      await targets.restart(read(restartParameters, parameters).language);
      return null;
    });
    this.server.addMethod('status', () => targets.status());
    this.server.addMethod('check', (parameters: unknown) =>
      targets.check(read(checkParameters, parameters).code),
    );
    this.server.addMethod('variables', () => targets.variables());
    this.server.addMethod('value', (parameters: unknown) => {
      const { language, name } = read(valueParameters, parameters);
      return targets.value(language, name);
    });
    this.server.addMethod('watch', (_, comm) => {
      this.watching.add(comm);
      return targets.activity();
    });
  }

  /** Tells all comms that watch. */
  tell(activity: Activity): void {
    const data = createJSONRPCNotification('activity', activity);
    for (const id of this.watching) {
      this.publisher.publish('comm_msg', { comm_id: id, data }, undefined);
    }
  }

  /** The open comms, as `comm_info_reply` lists them. */
  get comms(): Record<string, { target_name: string }> {
    return Object.fromEntries([...this.open].map((id) => [id, { target_name: CONTROL_TARGET }]));
  }

  /** Takes a comm message of a client. False when it is for a comm of somebody else. */
  async take(message: Envelope): Promise<boolean> {
    switch (message.header.msg_type) {
      case 'comm_open': {
        const { comm_id: id, target_name: target } = readContent(message, 'comm_open');
        if (target !== CONTROL_TARGET) return false;
        this.open.add(id);
        return true;
      }
      case 'comm_close':
        return this.close(readContent(message, 'comm_close').comm_id);
      case 'comm_msg': {
        // What is no message of one of these comms is not ours to judge.
        const { comm_id: id, data } = contentOf(message);
        if (typeof id !== 'string' || !this.open.has(id)) return false;
        const { method } = (data ?? {}) as Partial<JSONRPCRequest>;
        if (IN_THE_BACKGROUND.has(method)) void this.answer(id, data, undefined);
        else await this.answer(id, data, message);
        return true;
      }
      default:
        return false;
    }
  }

  /** The `comm_info_reply` to somebody who asks for the comms of this target only. ipykernel, which may be busy, has none. */
  infoFor(request: Envelope): JsonObject | undefined {
    return contentOf(request)['target_name'] === CONTROL_TARGET
      ? { status: 'ok', comms: this.comms }
      : undefined;
  }

  /** ipykernel's `comm_info_reply` with the comms of this target added. */
  addTo(reply: Envelope, request: Envelope): JsonObject {
    const content = contentOf(reply);
    const ours = contentOf(request)['target_name'] === undefined ? this.comms : {};
    return { ...content, comms: { ...(content['comms'] as JsonObject | undefined), ...ours } };
  }

  private async answer(id: string, data: unknown, parent: Envelope | undefined): Promise<void> {
    // What is no request gets an error as its answer.
    const response = await this.server.receive(data as JSONRPCRequest, id);
    if (response !== null && this.open.has(id)) {
      this.publisher.publish('comm_msg', { comm_id: id, data: response }, parent);
    }
  }

  private close(id: string): boolean {
    this.watching.delete(id);
    return this.open.delete(id);
  }
}

function read<T>(schema: z.ZodType<T>, parameters: unknown): T {
  const parsed = schema.safeParse(parameters);
  if (parsed.success) return parsed.data;
  throw new JSONRPCErrorException(z.prettifyError(parsed.error), JSONRPCErrorCode.InvalidParams);
}
