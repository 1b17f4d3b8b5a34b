import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

/**
 * The borders of ARCHITECTURE.md as lint rules. Knowledge goes one way: main → sockets → session → languages → wire.
 * One object holds all of them, because ESLint replaces a rule's options where two objects match a file.
 */
const layers = ['wire', 'languages', 'session', 'sockets'];

const noZeromq = {
  regex: '^zeromq($|/)',
  message: 'Only sockets/ and the Python relay speak ZeroMQ.',
};

/** Forbids imports of the folders (or of main) beside a file's own top folder. */
function noImportOf(folders) {
  return {
    regex: `^(\\.\\./)+(${folders.join('|')})(/|\\.js$|$)`,
    message: 'Knowledge goes one way: main → sockets → session → languages → wire.',
  };
}

/** The session knows languages by what they can do, not by which they are. */
const noConcreteLanguage = {
  regex: '/languages/(python|rust)(/|$)',
  message: 'session/ knows languages by their capabilities (languages/language.ts).',
};

/** What both sides know depends on neither. */
const onlyItself = {
  regex: '^(?!\\.{1,2}/)|^(\\.\\./)+(kernel|extension|scripts)/',
  message: 'packages/notebook has no dependencies.',
};

/** The folders of the extension that others build on, each knowing only those before it. */
const extensionBase = ['notebook', 'kernel', 'language', 'panel'];

/** In the extension, the kernel's own sources. */
const noKernel = {
  regex: '^@ferrobook/kernel|(^|/)kernel/src/',
  message: 'What the extension and the kernel both know is in packages/notebook.',
};

/** Allows a folder of the extension these folders beside it. */
function onlyImportsOf(folders) {
  return {
    regex: `^\\.\\./(?!(${folders.join('|')})/)(\\w+/|index$)`,
    message: `Knowledge goes one way: a feature → ${extensionBase.toReversed().join(' → ')}.`,
  };
}

function restrictImports(files, patterns, ignores = []) {
  return { files, ignores, rules: { 'no-restricted-imports': ['error', { patterns }] } };
}

const borders = [
  restrictImports(['kernel/src/**'], [noZeromq], ['kernel/src/sockets/**']),
  restrictImports(['kernel/src/sockets/**'], [noImportOf(['main'])]),
  restrictImports(
    ['kernel/src/session/**'],
    [noZeromq, noImportOf(['sockets', 'main']), noConcreteLanguage],
  ),
  restrictImports(['packages/notebook/**'], [onlyItself]),
  restrictImports(
    ['kernel/src/languages/**'],
    [noZeromq, noImportOf(['session', 'sockets', 'main'])],
    ['kernel/src/languages/python/**'],
  ),
  restrictImports(['kernel/src/languages/python/**'], [noImportOf(['session', 'sockets', 'main'])]),
  restrictImports(
    ['kernel/src/wire/**'],
    [noZeromq, noImportOf([...layers.slice(1), 'timing', 'exchange', 'profiling', 'log', 'main'])],
  ),
  ...extensionBase.map((folder, place) =>
    restrictImports(
      [`extension/src/${folder}/**`],
      [noKernel, onlyImportsOf(extensionBase.slice(0, place))],
    ),
  ),
  restrictImports(
    ['extension/src/*/**'],
    [noKernel, onlyImportsOf(extensionBase)],
    extensionBase.map((folder) => `extension/src/${folder}/**`),
  ),
  restrictImports(
    ['extension/src/*', 'extension/ui-tests/**'],
    [noKernel],
    ['extension/ui-tests/kernelContract.test.ts'],
  ),
  restrictImports(
    ['tests/**', 'scripts/**'],
    [noZeromq],
    ['tests/support/**', 'tests/kernel/sockets/**'],
  ),
  {
    files: ['kernel/src/**'],
    ignores: ['kernel/src/wire/**'],
    rules: {
      'no-restricted-syntax': [
        'error',
        ...['Literal[value=/<IDS.MSG>/]', 'TemplateElement[value.raw=/<IDS.MSG>/]'].map(
          (selector) => ({ selector, message: 'Only wire/ knows how messages are framed.' }),
        ),
      ],
    },
  },
];

export default defineConfig(
  globalIgnores([
    '**/node_modules/',
    '**/dist/',
    '**/lib/',
    '**/labextension/',
    '.venv/',
    'rust-runtime/',
    'kernel/src/languages/rust/protocol.ts', // generated
  ]),
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      eqeqeq: 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', destructuredArrayIgnorePattern: '^_' },
      ],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      // `() => f()` is fine where f returns nothing, and so is an async method that an interface asks for.
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/require-await': 'off',
      // Jupyter counts code points, which is what spreading a string gives.
      '@typescript-eslint/no-misused-spread': ['error', { allow: ['string'] }],
      // A number in a template is as readable as String(number).
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // Index signatures are read as `record['key']`, as tsc asks for.
      '@typescript-eslint/dot-notation': ['error', { allowIndexSignaturePropertyAccess: true }],
    },
  },
  {
    files: ['**/*.test.ts'],
    rules: {
      '@typescript-eslint/no-unsafe-assignment': 'off', // expect.any() and its like are `any`
      '@typescript-eslint/no-non-null-assertion': 'off', // a wrong one fails the test
    },
  },
  {
    // Declarations that extend a library's own types take their form from it.
    files: ['**/*.d.ts'],
    rules: { '@typescript-eslint/no-empty-object-type': 'off' },
  },
  {
    files: ['**/*.{js,mjs,cjs}'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: {
      globals: { console: 'readonly', process: 'readonly', URL: 'readonly' },
    },
  },
  ...borders,
);
