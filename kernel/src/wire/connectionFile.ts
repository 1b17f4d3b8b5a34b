import { readFile } from 'node:fs/promises';
import { z } from 'zod';

const port = z.number().int().min(0).max(65535);

const connectionSchema = z.looseObject({
  transport: z.enum(['tcp', 'ipc']).default('tcp'),
  ip: z.string().min(1).default('127.0.0.1'),
  shell_port: port,
  iopub_port: port,
  stdin_port: port,
  control_port: port,
  hb_port: port,
  key: z.string().default(''),
  signature_scheme: z.literal('hmac-sha256').or(z.literal('')).default('hmac-sha256'),
  /** CurveZMQ server keys, 40 characters of Z85; with them no unencrypted peer is let in. */
  curve_publickey: z.string().length(40).optional(),
  curve_secretkey: z.string().length(40).optional(),
});

/** Where and how a kernel is reached: "Connection files" of the Jupyter client documentation. */
export type ConnectionInfo = z.infer<typeof connectionSchema>;

/** The five channels of a kernel. */
export type Channel = 'shell' | 'iopub' | 'stdin' | 'control' | 'hb';

/** A connection file that is missing or says something that this kernel cannot do. */
export class ConnectionFileError extends Error {
  override readonly name = 'ConnectionFileError';
}

/** Reads and checks a connection file. Throws a {@link ConnectionFileError} that names the file and the field. */
export async function readConnectionFile(path: string): Promise<ConnectionInfo> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw new ConnectionFileError(
      `cannot read the connection file ${path}: ${(error as Error).message}`,
    );
  }
  const parsed = connectionSchema.safeParse(json);
  if (!parsed.success) {
    throw new ConnectionFileError(`connection file ${path}: ${z.prettifyError(parsed.error)}`);
  }
  const info = parsed.data;
  if ((info.curve_publickey === undefined) !== (info.curve_secretkey === undefined)) {
    throw new ConnectionFileError(
      `connection file ${path}: curve_publickey and curve_secretkey must come together`,
    );
  }
  return info;
}

/** The ZeroMQ endpoint of a channel; the `ipc` transport appends `-PORT` to the path, as jupyter_client does. */
export function endpoint(info: ConnectionInfo, channel: Channel): string {
  const number = info[`${channel}_port`];
  return info.transport === 'ipc'
    ? `ipc://${info.ip}-${number}`
    : `tcp://${info.ip.includes(':') ? `[${info.ip}]` : info.ip}:${number}`;
}
