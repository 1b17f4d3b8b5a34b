import {
  accessSync,
  constants,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import pino from 'pino';

/** The environment variable that sets the level: `trace`, `debug`, `info` (the default), `warn`, `error`, `silent`. */
const LEVEL_VARIABLE = 'FERROBOOK_LOG';

/** Logs older than this many days are removed when a kernel starts. */
const KEPT_DAYS = 7;

export type Log = pino.Logger;

/** One structured log per kernel, as JSON lines in a file; what must be seen at once goes to stderr, too. */
export function createLog(): { log: Log; file: string } {
  const directory = writableDirectory();
  removeOldLogs(directory);
  const file = path.join(directory, `kernel-${process.pid}.log`);
  const asked = process.env[LEVEL_VARIABLE]?.toLowerCase() ?? '';
  const level = asked === 'silent' || asked in pino.levels.values ? asked : 'info';
  const log = pino(
    { name: 'ferrobook', level, timestamp: pino.stdTimeFunctions.isoTime },
    pino.multistream([
      {
        level: 'trace',
        stream: pino.destination({ dest: file, sync: true, append: false, mode: 0o600 }),
      },
      { level: 'error', stream: pino.destination({ fd: 2, sync: true }) },
    ]),
  );
  return { log, file };
}

/** `$XDG_STATE_HOME/ferrobook`, by default in `~/.local/state`: "XDG Base Directory Specification". */
function logDirectory(): string {
  const state = process.env['XDG_STATE_HOME'] ?? path.join(os.homedir(), '.local', 'state');
  return path.join(state, 'ferrobook');
}

/** The log's directory; the temporary one where there is no home that can be written to. */
function writableDirectory(): string {
  const directory = logDirectory();
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    accessSync(directory, constants.W_OK);
    return directory;
  } catch {
    return mkdtempSync(path.join(os.tmpdir(), 'ferrobook-log-'));
  }
}

function removeOldLogs(directory: string): void {
  const oldest = Date.now() - KEPT_DAYS * 24 * 60 * 60 * 1000;
  for (const name of readdirSync(directory)) {
    const file = path.join(directory, name);
    if (/^kernel-\d+\.log$/.test(name) && statSync(file).mtimeMs < oldest) {
      rmSync(file, { force: true });
    }
  }
}
