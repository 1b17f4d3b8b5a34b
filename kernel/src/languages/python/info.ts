import type { LanguageInfo } from '../language';
import type { Interpreter } from './interpreter';

/** What is told of Python, which needs no process of it. */
export function pythonInfo(interpreter: Interpreter): LanguageInfo {
  return {
    languageInfo: {
      name: 'python',
      version: interpreter.version,
      mimetype: 'text/x-python',
      file_extension: '.py',
      pygments_lexer: 'ipython3',
      nbconvert_exporter: 'python',
      codemirror_mode: { name: 'ipython', version: 3 },
    },
    banner:
      interpreter.problem ??
      `Python ${interpreter.version}, ipykernel ${interpreter.ipykernel ?? '?'} (${interpreter.path})`,
    helpLinks: [
      { text: 'Python Reference', url: 'https://docs.python.org/3/' },
      { text: 'IPython Reference', url: 'https://ipython.readthedocs.io/en/stable/' },
    ],
    debugger: interpreter.debugger,
  };
}
