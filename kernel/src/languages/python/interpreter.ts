import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { z } from 'zod';

/** What the kernel must know of a Python interpreter before its ipykernel is up. */
export interface Interpreter {
  readonly path: string;
  /** `3.11.7`; empty when the interpreter could not be asked. */
  readonly version: string;
  /** ipykernel's version; `undefined` when it is not installed. */
  readonly ipykernel: string | undefined;
  /** Whether debugpy is there, without which ipykernel offers no debugger. */
  readonly debugger: boolean;
  /** Why Python cells cannot run and what to do about it; `undefined` when they can. */
  readonly problem: string | undefined;
}

const PROBE = `
import json, platform
from importlib import metadata, util
def version(name):
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
print(json.dumps({
    "version": platform.python_version(),
    "ipykernel": version("ipykernel"),
    "debugger": util.find_spec("debugpy") is not None,
}))
`;

const answerSchema = z.object({
  version: z.string(),
  ipykernel: z.string().nullable(),
  debugger: z.boolean(),
});

/** Asks the interpreter at `path` what it is. Takes some 50 ms; does not reject. */
export async function probeInterpreter(path: string): Promise<Interpreter> {
  try {
    const { stdout } = await promisify(execFile)(path, ['-c', PROBE], { timeout: 20_000 });
    const answer = answerSchema.parse(JSON.parse(stdout));
    return {
      path,
      version: answer.version,
      ipykernel: answer.ipykernel ?? undefined,
      debugger: answer.debugger && answer.ipykernel !== null,
      problem:
        answer.ipykernel === null
          ? `ipykernel is not installed in ${path}. Install it with: ${path} -m pip install ipykernel`
          : undefined,
    };
  } catch (error) {
    return {
      path,
      version: '',
      ipykernel: undefined,
      debugger: false,
      problem:
        `the Python interpreter ${path} does not run: ${(error as Error).message.trim()}. ` +
        'Reinstall the kernel from the environment whose Python it should use',
    };
  }
}
