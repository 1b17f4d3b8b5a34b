import { type Case, during, testCases } from './matrix';
import { PYTHON_CELLS, RUST_CELLS } from '../../support/scenes';

const kernel = { process: 'kernel' } as const;
const CELLS = [...PYTHON_CELLS, 'a Rust cell compiles', ...RUST_CELLS] as const;

/** What must not be left after its death is in `orphans.test.ts`. */
const CASES: Case[] = [
  ...during(CELLS, {
    ...kernel,
    fault: 'is stopped and the user interrupts',
    end: { ename: /^KeyboardInterrupt$|^Interrupted$/ },
  }),
  ...during(['nothing runs', ...CELLS], {
    ...kernel,
    fault: 'is stopped and goes on',
    end: 'goes on',
  }),
  ...during(CELLS, { ...kernel, fault: 'gets hardly any time', end: 'goes on' }),
];

testCases(CASES);
