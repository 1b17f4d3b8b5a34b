/** `npm test`: sets up what the tests need, runs every suite, and counts. The last line is `N passed, N failed`. */

import { rmSync } from 'node:fs';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { styleText } from 'node:util';
import { Command } from 'commander';
import { leaveOnSignals, run } from './processes';
import { layout, type Tools } from './setup/layout';
import { setUp } from './setup/setUp';
import { reportFile, suites, type Suite } from './testing/suites';
import { add, NOTHING, withExitCode, type Tally } from './testing/tally';

interface Result {
  suite: Suite;
  tally: Tally;
  seconds: number;
}

export async function main(tools: Tools, args: string[]): Promise<void> {
  leaveOnSignals((usual) => usual);
  const reports = await mkdtemp(join(tmpdir(), 'ferrobook-test-'));
  process.once('exit', () => rmSync(reports, { recursive: true, force: true }));
  const chosen = choose(suites(reports), args);

  const needed = chosen.some(({ kind }) => kind === 'test') ? 'everything' : 'python';
  const ready = await setUp(tools, needed);
  const results: Result[] = [];
  for (const suite of chosen) results.push(await runSuite(suite, reports));

  console.log(`\n${results.map(describe).join('\n')}\n`);
  if (!ready) console.log('Setting up failed, which counts as one failure; the reason is above.\n');
  const total = results
    .map(({ tally }) => tally)
    .reduce(add, ready ? NOTHING : { ...NOTHING, failed: 1 });
  console.log(`${String(total.passed)} passed, ${String(total.failed)} failed`);
  process.exitCode = total.failed === 0 ? 0 : 1;
}

function choose(all: Suite[], args: string[]): Suite[] {
  const names = all.map(({ name }) => name);
  const command = new Command('npm test --')
    .description('Run all checks and tests, or only some of them.')
    .argument('[suite...]', `lint, test, or names: ${names.join(', ')}`)
    .parse(args, { from: 'user' });
  const wanted = new Set(command.args);
  for (const name of wanted) {
    if (!['lint', 'test', ...names].includes(name)) command.error(`There is no suite "${name}".`);
  }
  return all.filter(({ name, kind }) => wanted.size === 0 || wanted.has(kind) || wanted.has(name));
}

async function runSuite(suite: Suite, reports: string): Promise<Result> {
  console.log(`\n${emphasise(['bold'], `── ${suite.name}`)}`);
  const started = performance.now();
  const [command, ...args] = suite.command;
  const result = await run(command, args, {
    cwd: suite.cwd,
    stdin: 'ignore',
    stdout: suite.count?.from === 'stdout' ? ['pipe', 'inherit'] : 'inherit',
    stderr: 'inherit',
    env: {
      ...suite.env,
      PATH: [dirname(layout.python), process.env['PATH']].join(delimiter),
      // Some linters take CI for a terminal. Tests look at colours themselves, so they are left alone.
      ...(suite.kind === 'lint' && !process.stdout.isTTY ? { NO_COLOR: '1' } : {}),
    },
  });
  if (result.exitCode === undefined) console.error(result.shortMessage);

  const tally = await count(suite, reports, result.stdout ?? '', result.exitCode);
  return { suite, tally, seconds: (performance.now() - started) / 1000 };
}

async function count(
  suite: Suite,
  reports: string,
  stdout: string,
  exitCode: number | undefined,
): Promise<Tally> {
  if (suite.count === undefined) {
    return { ...NOTHING, ...(exitCode === 0 ? { passed: 1 } : { failed: 1 }) };
  }
  let tally = NOTHING;
  try {
    const text =
      suite.count.from === 'stdout'
        ? stdout
        : await readFile(reportFile(reports, suite.name), 'utf8');
    tally = suite.count.tally(text);
  } catch {
    // no report: the tool died, and its exit code says so
  }
  return withExitCode(tally, exitCode);
}

function describe({ suite, tally, seconds }: Result): string {
  const failed = tally.failed > 0;
  const mark = failed ? emphasise(['red'], '✗') : emphasise(['green'], '✓');
  const numbers =
    suite.count === undefined
      ? ''
      : `${String(tally.passed)} passed${failed ? `, ${String(tally.failed)} failed` : ''}`;
  const line = `${mark} ${suite.name.padEnd(16)} ${`${seconds.toFixed(1)} s`.padStart(8)}  ${numbers}`;
  return [line.trimEnd(), ...tally.failures.map((name) => `    ${name}`)].join('\n');
}

function emphasise(style: Parameters<typeof styleText>[0], text: string): string {
  return process.stdout.isTTY ? styleText(style, text) : text;
}
