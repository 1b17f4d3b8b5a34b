import { join } from 'node:path';
import { add, cargoTally, jestTally, NOTHING, pytestTally, withExitCode } from './tally';

test('cargo reports every test binary on a line of its own', () => {
  const output = [
    '     Running unittests src/lib.rs (target/release/deps/ferrobook-0123)',
    'running 3 tests',
    'test cells::are_compiled ... FAILED',
    'test cells::are_kept ... ok',
    'test result: FAILED. 2 passed; 1 failed; 4 ignored; 0 measured; 0 filtered out; finished in 0.01s',
    '   Doc-tests ferrobook',
    'test result: ok. 5 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s',
  ].join('\n');
  expect(cargoTally(output)).toEqual({
    passed: 7,
    failed: 1,
    failures: ['cells::are_compiled'],
  });
});

test('a jest file that cannot be loaded counts as a failure', () => {
  const report = {
    numPassedTests: 4,
    numFailedTests: 1,
    numRuntimeErrorTestSuites: 1,
    testResults: [
      { name: join(process.cwd(), 'unloadable.test.ts'), status: 'failed', assertionResults: [] },
      {
        name: join(process.cwd(), 'tests/cells.test.ts'),
        status: 'failed',
        assertionResults: [
          { fullName: 'cells run', status: 'passed' },
          { fullName: 'cells are timed', status: 'failed' },
        ],
      },
      { name: join(process.cwd(), 'good.test.ts'), status: 'passed', assertionResults: [] },
    ],
  };
  expect(jestTally(JSON.stringify(report))).toEqual({
    passed: 4,
    failed: 2,
    failures: ['unloadable.test.ts', 'tests/cells.test.ts › cells are timed'],
  });
});

test('pytest tests are counted, not the subtests and teardowns that its totals include', () => {
  const xml = [
    '<testsuites><testsuite name="pytest" errors="1" failures="1" skipped="1" tests="11">',
    '<testcase classname="a.T" name="with_subtests" time="0.001" />',
    '<testcase classname="a.T" name="failed_subtest" time="0.012"><failure message="2 &gt; 1">assert\n2 &lt; 1</failure></testcase>',
    '<testcase classname="a" name="skipped" time="0.0"><skipped type="pytest.skip" message="no" /></testcase>',
    '<testcase classname="a" name="plain" time="0.000" />',
    '<testcase classname="a" name="broken_fixture" time="0.0"><error message="failed on setup">x</error></testcase>',
    '</testsuite></testsuites>',
  ].join('');
  expect(pytestTally(xml)).toEqual({
    passed: 2,
    failed: 2,
    failures: ['a.T › failed_subtest', 'a › broken_fixture'],
  });
});

test('a tool that dies without naming a failing test counts as one failure', () => {
  expect(withExitCode({ ...NOTHING, passed: 3 }, 101)).toEqual({
    passed: 3,
    failed: 1,
    failures: [],
  });
  expect(withExitCode(NOTHING, undefined)).toEqual({ passed: 0, failed: 1, failures: [] });
});

test('a tool that names its failing tests is not counted twice', () => {
  const tally = { passed: 3, failed: 1, failures: ['one'] };
  expect(withExitCode(tally, 1)).toEqual(tally);
  expect(add(tally, { passed: 1, failed: 2, failures: ['two', 'three'] })).toEqual({
    passed: 4,
    failed: 3,
    failures: ['one', 'two', 'three'],
  });
});
