import type { Role } from '../../support/roles';
import { type Case, during, testCases } from './matrix';
import type { Moment } from '../../support/scenes';

const COMPILERS: [Role, Moment[]][] = [
  ['cargo shim', ['a Rust cell compiles', 'cargo compiles a Rust cell']],
  ['cargo', ['cargo compiles a Rust cell']],
  ['rustc wrapper', ['a Rust cell compiles', 'cargo compiles a Rust cell']],
  ['rustc', ['a Rust cell compiles', 'cargo compiles a Rust cell']],
];

const CASES: Case[] = COMPILERS.flatMap(([process, moments]) => [
  ...during(moments, { process, fault: 'is killed', end: { ename: /^CargoError$/ } }),
  ...during(moments, {
    process,
    fault: 'is stopped and the user interrupts',
    end: { ename: /^Interrupted$/ },
  }),
  ...during(moments, { process, fault: 'is stopped and goes on', end: 'goes on' }),
  ...during(moments, { process, fault: 'gets hardly any time', end: 'goes on' }),
]);

testCases(CASES);
