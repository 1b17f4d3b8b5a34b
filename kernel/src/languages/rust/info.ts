import type { LanguageInfo } from '../language';
import type { Versions } from './protocol';

/** What is told of Rust; the versions are known only once the host is up. */
export function rustInfo(versions: Versions | undefined): LanguageInfo {
  return {
    languageInfo: {
      name: 'rust',
      version: versions?.rustc ?? '',
      mimetype: 'text/x-rustsrc',
      file_extension: '.rs',
      pygments_lexer: 'rust',
      codemirror_mode: 'rust',
    },
    banner:
      versions === undefined
        ? 'Rust: starting'
        : `Rust ${versions.rustc}, cargo ${versions.cargo}, evcxr ${versions.evcxr}`,
    helpLinks: [
      { text: 'The Rust Book', url: 'https://doc.rust-lang.org/book/' },
      { text: 'Rust Standard Library', url: 'https://doc.rust-lang.org/std/' },
      { text: 'evcxr: Commands and Displays', url: 'https://github.com/evcxr/evcxr' },
    ],
    debugger: false,
  };
}
