import { LanguageSupport, LRLanguage } from '@codemirror/language';
import { findMarker } from '@ferrobook/notebook';
import type { Input } from '@lezer/common';
import type { IEditorLanguage, IEditorLanguageRegistry } from '@jupyterlab/codemirror';

/** The MIME type of {@link rustCellLanguage}. */
export const RUST_CELL = 'text/x-ferrobook-rust-cell';

/** A line of the cell that is one of evcxr's commands: `:dep`, `:vars`, … */
const COMMAND_LINE = /^[ \t]*:[a-z_]\w*.*$/gim;

/** JupyterLab's own Rust grammar for the source of a Rust cell, which has a marker and commands besides Rust. */
export function rustCellLanguage(languages: IEditorLanguageRegistry): IEditorLanguage {
  return {
    name: 'Rust cell',
    displayName: 'Rust (notebook cell)',
    mime: RUST_CELL,
    load: async () => {
      const rust = (await languages.getLanguage('Rust'))?.support;
      if (!(rust?.language instanceof LRLanguage))
        throw new Error('JupyterLab has no Rust grammar');
      const { parser } = rust.language;
      const language = rust.language.configure({
        wrap: (_, input, fragments, ranges) =>
          parser.startParse(new RustOnly(input), fragments, ranges),
      });
      return new LanguageSupport(language, rust.support);
    },
  };
}

/**
 * Replaces what is not Rust by spaces, as the kernel does before it compiles. The grammar would take the marker for an
 * expression and the first statement for a part of it.
 */
export function onlyRust(source: string): string {
  const start = findMarker(source)?.lineEnd ?? 0;
  const rust = source.slice(start).replace(COMMAND_LINE, spaces);
  return spaces(source.slice(0, start)) + rust;
}

function spaces(text: string): string {
  return text.replace(/[^\n]/g, ' ');
}

/** {@link onlyRust} as the parser's input; all positions stay what they were. */
class RustOnly implements Input {
  readonly length: number;
  readonly lineChunks = false;
  private readonly rust: string;

  constructor(input: Input) {
    this.length = input.length;
    this.rust = onlyRust(input.read(0, input.length));
  }

  chunk(from: number): string {
    return this.rust.slice(from);
  }

  read(from: number, to: number): string {
    return this.rust.slice(from, to);
  }
}
