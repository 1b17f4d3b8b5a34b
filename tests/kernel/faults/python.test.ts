import { type Case, during, testCases } from './matrix';
import { PYTHON_CELLS } from '../../support/scenes';

const ipykernel = { process: 'ipykernel' } as const;

const CASES: Case[] = [
  ...during(PYTHON_CELLS, {
    ...ipykernel,
    fault: 'is killed',
    end: { ename: /^ChildKernelError$/, evalue: /was ended by SIGKILL/ },
    loses: 'python',
  }),
  ...during(['nothing runs', 'a Rust cell runs', 'a Rust cell compiles'], {
    ...ipykernel,
    fault: 'is killed',
    end: 'goes on',
    loses: 'python',
  }),
  ...during(['nothing runs', ...PYTHON_CELLS], {
    ...ipykernel,
    fault: 'is stopped and the user interrupts',
    end: { ename: /^KeyboardInterrupt$/ },
  }),
  ...during(['nothing runs', ...PYTHON_CELLS, 'a Rust cell runs'], {
    ...ipykernel,
    fault: 'is stopped and goes on',
    end: 'goes on',
  }),
  ...during(['nothing runs', ...PYTHON_CELLS], {
    ...ipykernel,
    fault: 'gets hardly any time',
    end: 'goes on',
  }),
];

testCases(CASES);
