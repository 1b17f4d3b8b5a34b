import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { probeInterpreter } from '../../../../kernel/src/languages/python/interpreter';
import { PYTHON } from '../../../support/kernelProcess';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'fb-'));
});
afterAll(() => rm(directory, { recursive: true }));

/** An interpreter that is a shell script. */
async function script(body: string): Promise<string> {
  const file = path.join(directory, 'python');
  await writeFile(file, `#!/bin/sh\n${body}\n`);
  await chmod(file, 0o755);
  return file;
}

test('a working interpreter tells its versions', async () => {
  expect(await probeInterpreter(PYTHON)).toEqual({
    path: PYTHON,
    version: expect.stringMatching(/^3\.\d+\.\d+/) as string,
    ipykernel: expect.stringMatching(/^7\./) as string,
    debugger: true,
    problem: undefined,
  });
});

test('an interpreter that does not exist is named, with the way out', async () => {
  const probed = await probeInterpreter('/nonexistent/python');
  expect(probed).toMatchObject({ version: '', ipykernel: undefined, debugger: false });
  expect(probed.problem).toMatch(/\/nonexistent\/python does not run: .*ENOENT.*Reinstall/s);
});

test('an interpreter that fails shows why', async () => {
  const broken = await script('echo "libpython3.so is missing" >&2; exit 127');
  expect((await probeInterpreter(broken)).problem).toContain('libpython3.so is missing');
});

test('something that is no interpreter at all', async () => {
  expect((await probeInterpreter(await script('echo hello'))).problem).toContain('does not run');
});

test('an interpreter without ipykernel tells the command that installs it', async () => {
  const bare = await script(`exec ${PYTHON} -I -S "$@"`);
  const probed = await probeInterpreter(bare);
  expect(probed).toMatchObject({ ipykernel: undefined, debugger: false });
  expect(probed.version).not.toBe('');
  expect(probed.problem).toBe(
    `ipykernel is not installed in ${bare}. Install it with: ${bare} -m pip install ipykernel`,
  );
});
