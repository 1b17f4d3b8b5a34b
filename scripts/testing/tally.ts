/** How many tests passed and failed, read from what each tool itself reports. */

export interface Tally {
  passed: number;
  failed: number;
}

export const NOTHING: Tally = { passed: 0, failed: 0 };

export function add(a: Tally, b: Tally): Tally {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed };
}

/** The sum of cargo's `test result:` lines, one for each test binary. */
export function cargoTally(output: string): Tally {
  const results = output.matchAll(/^test result: .*?(\d+) passed; (\d+) failed;/gm);
  return [...results].map(([, passed, failed]) => counts(passed, failed)).reduce(add, NOTHING);
}

/** From the file that `jest --json --outputFile` writes. A test file that could not run at all is a failure too. */
export function jestTally(json: string): Tally {
  const report = JSON.parse(json) as {
    numPassedTests: number;
    numFailedTests: number;
    numRuntimeErrorTestSuites: number;
  };
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + report.numRuntimeErrorTestSuites,
  };
}

/**
 * From the JUnit file that `pytest --junitxml` writes. Its totals also count every subtest and teardown, so the tests
 * themselves are counted: one fails when anything in it failed, and one that was skipped counts neither way.
 */
export function pytestTally(xml: string): Tally {
  const tests = [...xml.matchAll(/<testcase\b[^>]*?(?:\/>|>(.*?)<\/testcase>)/gs)];
  const outcomes = tests.map(([, details = '']) => ({
    failed: /<(failure|error)\b/.test(details),
    skipped: /<skipped\b/.test(details),
  }));
  return {
    passed: outcomes.filter(({ failed, skipped }) => !failed && !skipped).length,
    failed: outcomes.filter(({ failed }) => failed).length,
  };
}

/** A tool that found no failing test and yet failed, because it crashed or could not start, counts as one failure. */
export function withExitCode(tally: Tally, exitCode: number | undefined): Tally {
  return exitCode !== 0 && tally.failed === 0 ? { ...tally, failed: 1 } : tally;
}

function counts(passed: string | undefined, failed: string | undefined): Tally {
  return { passed: Number(passed), failed: Number(failed) };
}
