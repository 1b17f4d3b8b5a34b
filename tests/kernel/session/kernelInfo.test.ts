import type { LanguageName } from '@ferrobook/notebook';
import { pythonInfo } from '../../../kernel/src/languages/python/info';
import type { Interpreter } from '../../../kernel/src/languages/python/interpreter';
import { rustInfo } from '../../../kernel/src/languages/rust/info';
import { kernelInfo } from '../../../kernel/src/session/kernelInfo';

const identity = {
  defaultLanguage: 'python' as LanguageName,
  interpreter: {
    path: '/usr/bin/python3',
    version: '3.12.1',
    ipykernel: '7.4.0',
    debugger: true,
    problem: undefined,
  } as Interpreter,
  rust: { evcxr: '0.22.0', rustc: '1.95.0', cargo: '1.95.0' } as Parameters<typeof rustInfo>[0],
};

/** What a kernel with these tools says of itself. */
function info({ defaultLanguage, interpreter, rust }: typeof identity): object {
  return kernelInfo({
    version: '1.2.3',
    defaultLanguage,
    languages: { python: pythonInfo(interpreter), rust: rustInfo(rust) },
  });
}

test('a Python notebook', () => {
  expect(info(identity)).toMatchObject({
    status: 'ok',
    protocol_version: '5.5',
    implementation: 'ferrobook',
    implementation_version: '1.2.3',
    language_info: { name: 'python', version: '3.12.1', file_extension: '.py' },
    debugger: true,
    supported_features: ['debugger'],
  });
});

test('a Rust notebook', () => {
  expect(info({ ...identity, defaultLanguage: 'rust' })).toMatchObject({
    language_info: {
      name: 'rust',
      version: '1.95.0',
      mimetype: 'text/x-rustsrc',
      file_extension: '.rs',
    },
  });
});

test('the banner names both tools, and the marker of the other language', () => {
  expect(info(identity)).toMatchObject({
    banner: [
      'Ferrobook 1.2.3',
      'Python 3.12.1, ipykernel 7.4.0 (/usr/bin/python3)',
      'Rust 1.95.0, cargo 1.95.0, evcxr 0.22.0',
      '%%rust as the first line makes a Rust cell; %timing shows how long the cells took.',
    ].join('\n'),
  });
  expect(info({ ...identity, defaultLanguage: 'rust' })).toMatchObject({
    banner: expect.stringContaining('%%python as the first line') as string,
  });
});

test('a debugger is offered only where ipykernel has one', () => {
  const interpreter = { ...identity.interpreter, debugger: false };
  expect(info({ ...identity, interpreter })).toMatchObject({
    debugger: false,
    supported_features: [],
  });
});

test('the banner says what is wrong with Python, and that Rust still starts', () => {
  const interpreter = { ...identity.interpreter, problem: 'ipykernel is not installed' };
  expect(info({ ...identity, interpreter, rust: undefined })).toMatchObject({
    banner: expect.stringMatching(/ipykernel is not installed\nRust: starting/) as string,
  });
});
