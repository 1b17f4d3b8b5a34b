import { type LanguageName, optionsOf } from '@ferrobook/notebook';
import { Command, Option } from 'commander';

const DESCRIPTIONS: Record<LanguageName, string> = {
  python: 'This cell is Python, run by ipykernel.',
  rust: 'This cell is Rust, compiled and run by evcxr.',
};

/** Commander's definition of a marker: it parses, writes the help and suggests what was meant. */
export function markerCommand(language: LanguageName): Command {
  const command = new Command(`%%${language}`)
    .description(DESCRIPTIONS[language])
    .usage('[options]')
    .helpOption('-h, --help', 'show this text')
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({ writeOut: () => undefined, writeErr: () => undefined })
    .configureHelp({ helpWidth: 80 });
  for (const { flags, help } of optionsOf(language)) command.addOption(new Option(flags, help));
  return command;
}

/** The help text of a marker. */
export function markerHelp(language: LanguageName): string {
  return markerCommand(language).helpInformation();
}

/** The long options of a marker, for completion. */
export function markerOptions(language: LanguageName): string[] {
  return [...markerCommand(language).options.map((option) => option.long ?? ''), '--help'];
}
