import { type Kernel, startSharedKernel } from '../../support/kernel';
import type { Json } from '../../support/wire';

let kernel: Kernel;
let sequence = 0;

beforeAll(async () => {
  kernel = await startSharedKernel();
});

/** The body of the debugger's answer. */
async function ask(command: string, args: Json = {}): Promise<Json> {
  const run = kernel.debug(++sequence, command, args);
  const reply = await run.result();
  expect(reply).toMatchObject({ type: 'response', command, success: true });
  return (reply['body'] ?? {}) as Json;
}

test('a breakpoint in a Python cell is hit, and the cell goes on after it', async () => {
  await expect(kernel.execute('1;')).toShow();
  await ask('initialize', { clientID: 'test', adapterID: '', linesStartAt1: true });
  await ask('attach', {});
  // The marker belongs to the source: a breakpoint is found by a hash of all of it.
  const code = '%%python\ndef square(n):\n    result = n * n\n    return result\nsquare(7)';
  const { sourcePath } = await ask('dumpCell', { code });
  const { breakpoints } = await ask('setBreakpoints', {
    source: { path: sourcePath },
    breakpoints: [{ line: 4 }],
    sourceModified: false,
  });
  expect(breakpoints).toMatchObject([{ verified: true, line: 4 }]);
  await ask('configurationDone');

  const run = kernel.execute(code);
  let stopped: Json = {};
  while (stopped['event'] !== 'stopped') {
    stopped = (await kernel.orphan('debug_event')).content;
  }
  const { threadId } = stopped['body'] as { threadId: number };
  const { stackFrames } = await ask('stackTrace', { threadId });
  const [frame] = stackFrames as { id: number; name: string; line: number }[];
  expect(frame).toMatchObject({ name: 'square', line: 4 });
  const { scopes } = await ask('scopes', { frameId: frame?.id });
  const [locals] = scopes as { variablesReference: number }[];
  const { variables } = await ask('variables', {
    variablesReference: locals?.variablesReference,
  });
  expect(variables).toContainEqual(expect.objectContaining({ name: 'result', value: '49' }));

  await ask('continue', { threadId });
  await expect(run).toShow({ result: { 'text/plain': '49' } });
  await ask('disconnect', { restart: false, terminateDebuggee: false });
  // What the debugger says of its end is of no interest; it has said it when the next cell is over.
  await expect(kernel.execute('1;')).toShow();
  kernel.orphans.splice(0);
});
