/** How many tests passed and failed, and which failed, read from what each tool itself reports. */

import { relative } from 'node:path';

export interface Tally {
  passed: number;
  failed: number;
  /** The names of tests that failed, as the tool that ran them writes them. */
  failures: string[];
}

export const NOTHING: Tally = { passed: 0, failed: 0, failures: [] };

export function add(a: Tally, b: Tally): Tally {
  return {
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    failures: [...a.failures, ...b.failures],
  };
}

/** The sum of cargo's `test result:` lines, one for each test binary. */
export function cargoTally(output: string): Tally {
  const results = output.matchAll(/^test result: .*?(\d+) passed; (\d+) failed;/gm);
  const failures = output.matchAll(/^test (.+) \.\.\. FAILED$/gm);
  return {
    ...[...results].map(([, passed, failed]) => counts(passed, failed)).reduce(add, NOTHING),
    failures: [...failures].map(([, name = '']) => name),
  };
}

/** The parts that are read of the file that `jest --json --outputFile` writes. */
interface JestReport {
  numPassedTests: number;
  numFailedTests: number;
  numRuntimeErrorTestSuites: number;
  testResults: {
    name: string;
    status: string;
    assertionResults: { fullName: string; status: string }[];
  }[];
}

/** A test file that could not run at all is a failure too. */
export function jestTally(json: string): Tally {
  const report = JSON.parse(json) as JestReport;
  const failures = report.testResults.flatMap(({ name, status, assertionResults }) => {
    const file = relative(process.cwd(), name);
    const failed = assertionResults.filter((test) => test.status === 'failed');
    return failed.length === 0 && status === 'failed'
      ? [file]
      : failed.map(({ fullName }) => `${file} › ${fullName}`);
  });
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + report.numRuntimeErrorTestSuites,
    failures,
  };
}

/**
 * From the JUnit file that `pytest --junitxml` writes. Its totals also count every subtest and teardown, so the tests
 * themselves are counted: one fails when anything in it failed, and one that was skipped counts neither way.
 */
export function pytestTally(xml: string): Tally {
  const tests = [...xml.matchAll(/<testcase\b([^>]*?)(?:\/>|>(.*?)<\/testcase>)/gs)];
  const outcomes = tests.map(([, attributes = '', details = '']) => ({
    name: ['classname', 'name'].map((name) => attribute(attributes, name)).join(' › '),
    failed: /<(failure|error)\b/.test(details),
    skipped: /<skipped\b/.test(details),
  }));
  const failures = outcomes.filter(({ failed }) => failed).map(({ name }) => name);
  return {
    passed: outcomes.filter(({ failed, skipped }) => !failed && !skipped).length,
    failed: failures.length,
    failures,
  };
}

/** A tool that found no failing test and yet failed, because it crashed or could not start, counts as one failure. */
export function withExitCode(tally: Tally, exitCode: number | undefined): Tally {
  return exitCode !== 0 && tally.failed === 0 ? { ...tally, failed: 1 } : tally;
}

function counts(passed: string | undefined, failed: string | undefined): Tally {
  return { passed: Number(passed), failed: Number(failed), failures: [] };
}

/** An attribute's value as it stands in the file. */
function attribute(attributes: string, name: string): string {
  return new RegExp(`\\b${name}="([^"]*)"`).exec(attributes)?.[1] ?? '';
}
