import type { CellOption } from './cellOption.js';

/** All options of marker lines, in the order of the help. */
export const CELL_OPTIONS = [
  {
    name: 'time',
    flags: '-t, --time',
    languages: ['python', 'rust'],
    help: "show the cell's time below its output",
    words: 'shows its time',
    usual: false,
  },
  {
    name: 'snapshot',
    flags: '--no-snapshot',
    languages: ['rust'],
    help:
      'keep no copy of the variables: this cell starts sooner and needs less memory when they are large, ' +
      'and they are lost if it crashes or is interrupted',
    words: 'without a snapshot',
    usual: true,
  },
  {
    name: 'cache',
    flags: '--no-cache',
    languages: ['rust'],
    help:
      'compile this cell even if it was compiled before, and do not keep it: for macros that look at something ' +
      'the compiler does not know of',
    words: 'always compiled anew',
    usual: true,
  },
  {
    name: 'debug',
    flags: '--debug',
    languages: ['rust'],
    help:
      'compile this cell with overflow checks and debug assertions, as `cargo build` without --release does; ' +
      'crates of :dep lines stay as they are',
    words: 'with debug checks',
    remark: 'with debug checks',
    usual: false,
  },
] as const satisfies readonly CellOption[];
