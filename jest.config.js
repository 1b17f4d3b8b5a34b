/** @type {import('jest').Config} */
export default {
  roots: ['<rootDir>/tests', '<rootDir>/scripts', '<rootDir>/extension'],
  modulePathIgnorePatterns: ['<rootDir>/extension/(lib|labextension)/'],
  testMatch: ['**/*.test.ts'],
  // Far more than any test takes: a slow machine must not fail one. It ends what hangs.
  testTimeout: 180_000,
  maxWorkers: 2,
  moduleNameMapper: {
    // TypeScript sources import each other by the names that they have after compilation.
    '^(\\.{1,2}/.*)\\.js$': '$1',
    '^@ferrobook/notebook$': '<rootDir>/packages/notebook/src/index.ts',
    // Its exports name only an `import`, which a `require` does not find.
    '^string-argv$': '<rootDir>/node_modules/string-argv/index.js',
  },
  transform: {
    '^.+\\.[cm]?[jt]s$': [
      '@swc/jest',
      {
        jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
        module: { type: 'commonjs' },
        sourceMaps: 'inline',
      },
    ],
  },
  // Packages that exist only as ES modules, which jest's own loader does not take.
  transformIgnorePatterns: ['/node_modules/(?!(execa|string-argv)/)'],
};
