import path from 'node:path';
import { version } from '../package.json';
import { parseCommandLine } from './commandLine';
import { probeInterpreter } from './languages/python/interpreter';
import { PythonLanguage } from './languages/python/pythonLanguage';
import { RustLanguage } from './languages/rust/rustLanguage';
import { createLog } from './log';
import { watchParent } from './parentWatch';
import { makePrivateDirectory } from './privateDirectory';
import { MAGICS } from './session/magics/magics';
import { Session } from './session/session';
import { BindError, KernelSockets } from './sockets/kernelSockets';
import { ConnectionFileError, readConnectionFile } from './wire/connectionFile';

/** The bundle lies in `kernel/dist`. */
const KERNEL = path.join(__dirname, '..');

/** How long ending the languages may take before the kernel goes anyway, in milliseconds. */
const SHUTDOWN_TIMEOUT = 5_000;

async function main(): Promise<void> {
  const options = parseCommandLine(process.argv.slice(2), version, {
    python: 'python3',
    runtime: path.join(KERNEL, '..', 'rust-runtime', 'target', 'release'),
    launcher: path.join(KERNEL, 'python', 'ferrobook', '_bridge', 'launch.py'),
  });
  const { log, file: logFile } = createLog();
  const connection = await readConnectionFile(options.connectionFile);
  const sockets = new KernelSockets(connection, log);
  await sockets.bind();

  const directory = await makePrivateDirectory();

  const room = (): Promise<void> => sockets.room();
  const interpreter = probeInterpreter(options.python);
  const python: PythonLanguage = new PythonLanguage(
    interpreter,
    {
      launcher: options.launcher,
      directory: path.join(directory, 'python'),
      magics: MAGICS.map(({ name, help }) => ({ name, help })),
    },
    {
      onOutput: (message) => session.onRelayed('python', message),
      onDeath: (error) => session.onDeath('python', error),
      onState: () => session.onState('python'),
      room,
    },
    log.child({ language: 'python' }),
  );
  const rust: RustLanguage = new RustLanguage(
    { runtime: options.runtime, directory: path.join(directory, 'rust') },
    {
      onDeath: (error, announced) => session.onDeath('rust', error, announced),
      onState: () => session.onState('rust'),
      room,
    },
    log.child({ language: 'rust' }),
  );
  const shutdown = endOnce(async () => {
    const gone = new Promise((resolve) => setTimeout(resolve, SHUTDOWN_TIMEOUT).unref());
    await Promise.race([Promise.allSettled([python.shutdown(), rust.shutdown()]), gone]);
    await sockets.shutdown();
    process.exit(0);
  });
  const session: Session = new Session({
    version,
    transport: sockets,
    languages: { python, rust },
    defaultLanguage: options.defaultLanguage,
    log,
    logFile,
    onShutdown: shutdown,
  });

  process.on('SIGINT', () => void session.interrupt());
  process.on('SIGTERM', shutdown);
  process.on('SIGHUP', shutdown);
  watchParent(shutdown);
  process.on('uncaughtException', (error) => log.error({ err: error }, 'unexpected error'));
  process.on('unhandledRejection', (error) => log.error({ err: error }, 'unexpected rejection'));

  sockets.listen(session);
  session.announce();
  python.start();
  if (options.warmUp) rust.start();
}

/** `action`, at most once however often it is asked for. */
function endOnce(action: () => Promise<void>): () => void {
  let ending: Promise<void> | undefined;
  return () => {
    ending ??= action();
  };
}

main().catch((error: unknown) => {
  const known = error instanceof ConnectionFileError || error instanceof BindError;
  process.stderr.write(
    `ferrobook-kernel: ${known ? error.message : String((error as Error).stack)}\n`,
  );
  process.exit(1);
});
