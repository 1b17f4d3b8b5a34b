import { randomUUID } from 'node:crypto';
import type { Activity } from '@ferrobook/notebook';
import { type Kernel, startKernel } from '../../support/kernel';
import { bringTo } from '../../support/scenes';
import type { Json } from '../../support/wire';

let kernel: Kernel;
let comm: string;

beforeEach(async () => {
  kernel = await startKernel();
  comm = randomUUID();
  await kernel.commOpen('ferrobook', comm).done();
});

async function ask(method: string, params: Json = {}): Promise<unknown> {
  const run = kernel.commMessage(comm, { jsonrpc: '2.0', id: 1, method, params });
  const [answer] = await run.outputMessages();
  return (answer?.content['data'] as Json)['result'];
}

/** What is told until then is of no interest. */
async function closeComm(): Promise<void> {
  await kernel.commClose(comm).done();
  kernel.orphans.splice(0);
}

/** What the kernel tells of itself, until this holds. */
async function toldUntil(holds: (activity: Activity) => boolean): Promise<Activity[]> {
  const told: Activity[] = [];
  for (;;) {
    const { content } = await kernel.orphan('comm_msg');
    expect(content['comm_id']).toBe(comm);
    const { method, params } = content['data'] as { method: string; params: Activity };
    expect(method).toBe('activity');
    told.push(params);
    if (holds(params)) return told;
  }
}

test('who watches is told of a cell while it runs', async () => {
  expect(await ask('watch')).toMatchObject({
    languages: { rust: { restarted: false } },
    cell: null,
  });
  const run = await bringTo(kernel, 'a Rust cell runs', { metadata: { cellId: 'the cell' } });
  const told = await toldUntil(({ cell }) => cell?.phase === 'run');
  await run.letGo();
  await expect(run.cell).toShow();
  await toldUntil(({ cell }) => cell === null);
  const cells = told.flatMap(({ cell }) => cell ?? []);
  expect(cells.every(({ cellId, language }) => cellId === 'the cell' && language === 'rust')).toBe(
    true,
  );
  const phases = [...new Set(cells.map(({ phase }) => phase))];
  expect(['start', 'compile', 'run'].filter((phase) => phases.includes(phase as never))).toEqual(
    phases,
  );
  await closeComm();
});

test('who watches is told that a language was restarted', async () => {
  await expect(kernel.execute('%%rust\nlet a = 1;')).toShow();
  await ask('watch');
  expect(await ask('restart', { language: 'rust' })).toBeNull();
  const told = await toldUntil(({ languages }) => languages.rust.restarted);
  expect(told.at(-1)?.languages.rust.state).toBe('ready');
  expect(told.at(-1)?.languages.python.restarted).toBe(false);
  await expect(kernel.execute('%%rust\nlet b = 1;')).toShow();
  await toldUntil(({ languages }) => !languages.rust.restarted);
  await closeComm();
});

test('who does not watch is told nothing', async () => {
  await expect(kernel.execute('a = 1')).toShow();
  expect(kernel.orphans).toEqual([]);
  // Now another comm of the same client watches, and a message for this one would come beside its messages.
  const silent = comm;
  comm = randomUUID();
  await kernel.commOpen('ferrobook', comm).done();
  await ask('watch');
  const { cell, letGo } = await bringTo(kernel, 'a Python cell runs');
  await toldUntil((activity) => activity.cell !== null);
  await letGo();
  await expect(cell).toShow();
  await toldUntil((activity) => activity.cell === null);
  await kernel.commClose(silent).done();
  await closeComm();
});

test('the open comms are known while Python is busy', async () => {
  const { cell: busy, letGo } = await bringTo(kernel, 'a Python cell runs');
  await expect(kernel.commInfo('ferrobook')).toReplyOk({
    comms: { [comm]: { target_name: 'ferrobook' } },
  });
  expect(busy.finished).toBe(false);
  await letGo();
  await expect(busy).toShow();
});
