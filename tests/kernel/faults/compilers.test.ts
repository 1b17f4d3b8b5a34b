import { type Case, during, testCases } from './matrix';

const COMPILING = ['a Rust cell compiles'] as const;

const CASES: Case[] = (['cargo shim', 'cargo', 'rustc wrapper', 'rustc'] as const).flatMap(
  (process) => [
    ...during(COMPILING, { process, fault: 'is killed', end: { ename: /^CargoError$/ } }),
    ...during(COMPILING, {
      process,
      fault: 'is stopped and the user interrupts',
      end: { ename: /^Interrupted$/ },
    }),
    ...during(COMPILING, { process, fault: 'is stopped and goes on', end: 'goes on' }),
    ...during(COMPILING, { process, fault: 'gets hardly any time', end: 'goes on' }),
  ],
);

testCases(CASES);
