import { type Case, during, testCases } from './matrix';
import { RUST_CELLS } from '../../support/scenes';

const host = { process: 'host' } as const;

const CASES: Case[] = [
  ...during(['a Rust cell compiles', ...RUST_CELLS], {
    ...host,
    fault: 'is killed',
    end: { ename: /^RustHostError$/, evalue: /was ended by SIGKILL/ },
    loses: 'rust',
  }),
  ...during(['nothing runs', 'a Python cell runs'], {
    ...host,
    fault: 'is killed',
    end: 'goes on',
    loses: 'rust',
  }),
  ...during(['nothing runs', 'a Rust cell compiles', ...RUST_CELLS], {
    ...host,
    fault: 'is stopped and the user interrupts',
    end: { ename: /^Interrupted$/ },
  }),
  ...during(['nothing runs', 'a Rust cell compiles', ...RUST_CELLS, 'a Python cell runs'], {
    ...host,
    fault: 'is stopped and goes on',
    end: 'goes on',
  }),
  ...during(['nothing runs', 'a Rust cell compiles', ...RUST_CELLS], {
    ...host,
    fault: 'gets hardly any time',
    end: 'goes on',
  }),
];

testCases(CASES);
