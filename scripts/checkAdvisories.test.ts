import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';

const ROOT = path.join(__dirname, '..');

/** What is known of `zod`, which the kernel uses, and of `memchr`, which the host uses. */
interface Known {
  /** The severity of an advisory; `undefined` when there is none, `null` when the registry has no advisories at all. */
  zod?: string | null;
  /** Whether there is an advisory; `null` when the database cannot be reached. */
  memchr?: boolean | null;
}

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'fb-'));
});
afterEach(() => rm(directory, { recursive: true }));

/** Runs the check with a registry and a database of our own. */
async function check(known: Known): Promise<{ code: number | null; output: string }> {
  const registry = createServer((request, response) => answer(known, request, response));
  registry.listen(0, '127.0.0.1');
  await once(registry, 'listening');
  try {
    return await runCheck({
      npm_config_registry: `http://127.0.0.1:${(registry.address() as AddressInfo).port}/`,
      npm_config_cache: path.join(directory, 'npm'),
      CARGO_HOME: await cargoHome(),
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: `url.file://${await database(known)}.insteadOf`,
      GIT_CONFIG_VALUE_0: 'https://github.com/RustSec/advisory-db',
    });
  } finally {
    await closed(registry);
  }
}

async function runCheck(
  env: Record<string, string>,
): Promise<{ code: number | null; output: string }> {
  const script = spawn(path.join(ROOT, 'node_modules/.bin/tsx'), ['scripts/checkAdvisories.ts'], {
    cwd: ROOT,
    env: { ...process.env, NO_COLOR: '1', ...env },
  });
  let output = '';
  for (const stream of [script.stdout, script.stderr]) {
    stream.on('data', (data: Buffer) => (output += data.toString()));
  }
  const [code] = (await once(script, 'close')) as [number | null];
  return { code, output };
}

/** The audit endpoint of a registry: "Bulk Advisory" of npm's documentation. */
function answer({ zod }: Known, request: IncomingMessage, response: ServerResponse): void {
  request.resume();
  const json = (body: unknown): void => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(body));
  };
  if (request.method === 'POST' && zod === null) response.writeHead(405).end();
  else if (request.method === 'POST' && zod === undefined) json({});
  else if (request.method === 'POST') {
    const url = 'https://example.org/advisory';
    json({
      zod: [{ id: 1, url, title: 'A made-up hole', severity: zod, vulnerable_versions: '*' }],
    });
  } else if (request.url === '/zod') {
    json({ name: 'zod', 'dist-tags': {}, versions: {} });
  } else response.writeHead(404).end();
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}

/** A home without a database, but with the crates that are there already. */
async function cargoHome(): Promise<string> {
  const home = path.join(directory, 'cargo');
  await mkdir(home);
  const usual = process.env['CARGO_HOME'] ?? path.join(os.homedir(), '.cargo');
  await symlink(path.join(usual, 'registry'), path.join(home, 'registry'));
  return home;
}

/** A git repository in the form of the RustSec database. */
async function database({ memchr }: Known): Promise<string> {
  const repository = path.join(directory, 'advisory-db');
  if (memchr === null) return repository;
  const git = (...args: string[]): void => {
    execFileSync('git', ['-C', repository, '-c', 'user.name=n', '-c', 'user.email=e', ...args]);
  };
  const crate = memchr === true ? 'memchr' : 'a-crate-of-nobody';
  const advisory = [
    '```toml',
    '[advisory]',
    'id = "RUSTSEC-2026-9999"',
    `package = "${crate}"`,
    'date = "2026-01-01"',
    '[versions]',
    'patched = []',
    '```',
    '# A made-up hole',
    'Nothing is wrong with it.',
  ];
  await mkdir(path.join(repository, 'crates', crate), { recursive: true });
  await writeFile(
    path.join(repository, 'crates', crate, 'RUSTSEC-2026-9999.md'),
    advisory.join('\n'),
  );
  git('init', '--quiet', '--initial-branch=main');
  git('add', '.');
  git('commit', '--quiet', '--message', 'advisories');
  return repository;
}

test('without a known vulnerability the check passes', async () => {
  const { code, output } = await check({});
  expect(output).toContain('npm packages: 0 with a serious vulnerability, 0 with another');
  expect(output).toContain('crates: none with a vulnerability');
  expect(code).toBe(0);
});

test.each(['high', 'critical'])('a %s vulnerability of a package fails the check', async (zod) => {
  const { code, output } = await check({ zod });
  expect(output).toContain(
    `npm package zod: ${zod}\n  A made-up hole https://example.org/advisory`,
  );
  expect(code).toBe(1);
});

test('a moderate one is only counted', async () => {
  const { code, output } = await check({ zod: 'moderate' });
  expect(output).toMatch(/npm packages: 0 with a serious vulnerability, [1-9]\d* with another/);
  expect(code).toBe(0);
});

test('a vulnerability of a crate fails the check', async () => {
  const { code, output } = await check({ memchr: true });
  expect(output).toContain('RUSTSEC-2026-9999');
  expect(output).toContain('crates: refused, see above');
  expect(code).toBe(1);
});

test('where nobody can be asked, the check says so and passes', async () => {
  const { code, output } = await check({ zod: null, memchr: null });
  expect(output).toMatch(/npm packages: not checked, the registry cannot be asked \(405 .*\)/);
  expect(output).toMatch(/crates: not checked, the RustSec database cannot be fetched \(.*\)/);
  expect(code).toBe(0);
});
