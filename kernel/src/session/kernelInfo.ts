import type { LanguageName } from '../languages/language';
import type { Interpreter } from '../languages/python/interpreter';
import type { Versions } from '../languages/rust/protocol';
import { PROTOCOL_VERSION } from '../wire/message';

/** What a `kernel_info_reply` is made of. */
export interface KernelIdentity {
  readonly version: string;
  readonly defaultLanguage: LanguageName;
  readonly interpreter: Interpreter;
  /** Known only once the Rust host is up; the reply does not wait for it. */
  readonly rust: Versions | undefined;
}

const HELP_LINKS = [
  { text: 'Python Reference', url: 'https://docs.python.org/3/' },
  { text: 'IPython Reference', url: 'https://ipython.readthedocs.io/en/stable/' },
  { text: 'The Rust Book', url: 'https://doc.rust-lang.org/book/' },
  { text: 'Rust Standard Library', url: 'https://doc.rust-lang.org/std/' },
  { text: 'evcxr: Commands and Displays', url: 'https://github.com/evcxr/evcxr' },
];

/** Content of `kernel_info_reply`. */
export function kernelInfo(identity: KernelIdentity): object {
  return {
    status: 'ok',
    protocol_version: PROTOCOL_VERSION,
    implementation: 'ferrobook',
    implementation_version: identity.version,
    language_info: languageInfo(identity),
    banner: banner(identity),
    help_links: HELP_LINKS,
    debugger: identity.interpreter.debugger,
    supported_features: identity.interpreter.debugger ? ['debugger'] : [],
  };
}

/** The default language's; a notebook's file formats, exporters and editors go by it. */
function languageInfo({ defaultLanguage, interpreter, rust }: KernelIdentity): object {
  if (defaultLanguage === 'rust') {
    return {
      name: 'rust',
      version: rust?.rustc ?? '',
      mimetype: 'text/x-rustsrc',
      file_extension: '.rs',
      pygments_lexer: 'rust',
      codemirror_mode: 'rust',
    };
  }
  return {
    name: 'python',
    version: interpreter.version,
    mimetype: 'text/x-python',
    file_extension: '.py',
    pygments_lexer: 'ipython3',
    nbconvert_exporter: 'python',
    codemirror_mode: { name: 'ipython', version: 3 },
  };
}

function banner({ version, interpreter, rust, defaultLanguage }: KernelIdentity): string {
  const python =
    interpreter.problem ??
    `Python ${interpreter.version}, ipykernel ${interpreter.ipykernel ?? '?'} (${interpreter.path})`;
  const rustLine =
    rust === undefined
      ? 'Rust: starting'
      : `Rust ${rust.rustc}, cargo ${rust.cargo}, evcxr ${rust.evcxr}`;
  const hint =
    defaultLanguage === 'python'
      ? '%%rust as the first line makes a Rust cell; %timing shows how long the cells took.'
      : '%%python as the first line makes a Python cell; %timing shows how long the cells took.';
  return `Ferrobook ${version}\n${python}\n${rustLine}\n${hint}`;
}
