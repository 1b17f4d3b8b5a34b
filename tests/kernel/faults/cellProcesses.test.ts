import { type Case, during, testCases } from './matrix';
import { RUST_CELLS } from '../../support/scenes';

const keeper = { process: 'keeper' } as const;
const holder = { process: 'holder' } as const;
const snapshot = { process: 'snapshot' } as const;

const CASES: Case[] = [
  ...[holder, keeper].flatMap((process) =>
    during(['nothing runs', 'a Rust cell compiles'], {
      ...process,
      fault: 'is killed',
      end: 'goes on',
      loses: 'rust',
    }),
  ),
  ...during(RUST_CELLS, {
    ...holder,
    fault: 'is killed',
    end: { ename: /^SIGKILL$/, evalue: /values from before the cell/ },
  }),
  ...during(['nothing runs', 'a Rust cell compiles', ...RUST_CELLS], {
    ...holder,
    fault: 'is stopped and the user interrupts',
    end: { ename: /^Interrupted$/ },
  }),
  ...during(['nothing runs', 'a Rust cell compiles', ...RUST_CELLS], {
    ...holder,
    fault: 'is stopped and goes on',
    end: 'goes on',
  }),
  ...during(['nothing runs', ...RUST_CELLS], {
    ...holder,
    fault: 'gets hardly any time',
    end: 'goes on',
  }),
  ...during(RUST_CELLS, { ...snapshot, fault: 'is killed', end: 'goes on' }),
  ...during(RUST_CELLS, {
    ...snapshot,
    fault: 'is stopped and the user interrupts',
    end: { ename: /^Interrupted$/ },
  }),
  ...during(RUST_CELLS, { ...snapshot, fault: 'is stopped and goes on', end: 'goes on' }),
  ...during(RUST_CELLS, {
    ...keeper,
    fault: 'is killed',
    end: { ename: /^ProcessExit$|^SIGKILL$/, evalue: /and they are lost/ },
    loses: 'rust',
  }),
  ...during(['nothing runs', 'a Rust cell compiles', ...RUST_CELLS], {
    ...keeper,
    fault: 'is stopped and the user interrupts',
    end: { ename: /^Interrupted$/ },
  }),
  ...during(['nothing runs', 'a Rust cell compiles', ...RUST_CELLS], {
    ...keeper,
    fault: 'is stopped and goes on',
    end: 'goes on',
  }),
];

testCases(CASES);
