import { LANGUAGES, type LanguageName } from '@ferrobook/notebook';
import { Command, Option } from 'commander';

/** The kernel's command line; kernelspecs hold it. */
export interface CommandLine {
  connectionFile: string;
  defaultLanguage: LanguageName;
  /** The interpreter of Python cells. */
  python: string;
  /** The directory with the Rust host's programs. */
  runtime: string;
  /** The script that starts ipykernel with Ferrobook's extension. */
  launcher: string;
  /** Whether Rust starts with the kernel or with the first Rust cell. */
  warmUp: boolean;
}

/** Parses the arguments; a wrong one ends the process with a message and code 2. */
export function parseCommandLine(
  argv: readonly string[],
  version: string,
  defaults: { python: string; runtime: string; launcher: string },
): CommandLine {
  return new Command('ferrobook-kernel')
    .description('The Ferrobook Jupyter kernel: Python and Rust cells in one notebook')
    .version(version)
    .requiredOption('-f, --connection-file <file>', 'the connection file that the client wrote')
    .addOption(
      new Option('--default-language <name>', 'the language of cells without a marker')
        .choices(LANGUAGES)
        .default('python'),
    )
    .option('--python <path>', 'the interpreter that runs Python cells', defaults.python)
    .option('--runtime <directory>', 'where ferrobook-runtime is', defaults.runtime)
    .option('--launcher <file>', 'the script that starts ipykernel', defaults.launcher)
    .option('--no-warm-up', 'start Rust with the first Rust cell instead of with the kernel')
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
    .parse(argv, { from: 'user' })
    .opts<CommandLine>();
}
