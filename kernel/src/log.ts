import pino from 'pino';

/** The environment variable that sets the level: `trace`, `debug`, `info`, `warn` (the default), `error`, `silent`. */
const LEVEL_VARIABLE = 'FERROBOOK_LOG';

export type Log = pino.Logger;

/** One structured log per kernel, as JSON lines on stderr: stdout is the user's. */
export function createLog(): Log {
  const asked = process.env[LEVEL_VARIABLE]?.toLowerCase();
  const level = asked !== undefined && (asked === 'silent' || asked in pino.levels.values) ? asked : 'warn';
  return pino(
    { name: 'ferrobook', level, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ fd: 2, sync: true }),
  );
}
