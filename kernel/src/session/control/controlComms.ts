import { ACTIVITY, type Activity, CONTROL_TARGET } from '@ferrobook/notebook';
import {
  createJSONRPCNotification,
  JSONRPCErrorCode,
  JSONRPCErrorException,
  type JSONRPCRequest,
  JSONRPCServer,
} from 'json-rpc-2.0';
import { z } from 'zod';
import { type Envelope, type JsonObject, contentOf } from '../../wire/message';
import type { Publisher } from '../publisher';
import { readContent } from '../requests';
import { CONTROL_METHODS, type ControlTargets } from './controlMethods';

/** The comms of the target {@link CONTROL_TARGET}; `ControlMethods` says what a frontend may ask for, and what it gets. */
export class ControlComms {
  private readonly open = new Set<string>();
  private readonly watching = new Set<string>();
  /** A request is given the id of its comm besides its parameters. */
  private readonly server = new JSONRPCServer<string>({ errorListener: () => undefined });

  constructor(
    private readonly publisher: Publisher,
    targets: ControlTargets,
  ) {
    for (const method of CONTROL_METHODS) {
      this.server.addMethod(method.name, (given: unknown, comm) =>
        method.run(read(method.parameters, given), {
          ...targets,
          watch: () => void this.watching.add(comm),
        }),
      );
    }
  }

  /** Tells all comms that watch. */
  tell(activity: Activity): void {
    const data = createJSONRPCNotification(ACTIVITY, activity);
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
        if (isInBackground(method)) void this.answer(id, data, undefined);
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

/** The kernel is not shown to be busy with it, and its response has no parent. */
function isInBackground(method: string | undefined): boolean {
  return CONTROL_METHODS.some(({ name, inBackground }) => name === method && inBackground === true);
}

function read<T>(schema: z.ZodType<T>, parameters: unknown): T {
  const parsed = schema.safeParse(parameters);
  if (parsed.success) return parsed.data;
  throw new JSONRPCErrorException(z.prettifyError(parsed.error), JSONRPCErrorCode.InvalidParams);
}
