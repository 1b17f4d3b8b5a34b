import { randomUUID } from 'node:crypto';
import { type Kernel, startSharedKernel } from '../../support/kernel';
import { bringTo } from '../../support/scenes';
import type { Json } from '../../support/wire';

let kernel: Kernel;
const comm = randomUUID();

beforeAll(async () => {
  kernel = await startSharedKernel();
  await kernel.commOpen('ferrobook', comm).done();
  await expect(kernel.execute('%%rust\nlet ready = true;')).toShow();
  await expect(kernel.execute('ready = True')).toShow();
});

/** The answer to a JSON-RPC request. */
async function ask(method: string, params: Json = {}): Promise<Json> {
  const run = kernel.commMessage(comm, { jsonrpc: '2.0', id: 1, method, params });
  const [answer] = await run.outputMessages();
  return answer?.content['data'] as Json;
}

async function value(language: string, name: string): Promise<Json> {
  return (await ask('value', { language, name }))['result'] as Json;
}

async function listed(language: 'python' | 'rust'): Promise<Json[]> {
  const { result } = await ask('variables');
  return (result as Record<string, Json[]>)[language] ?? [];
}

test('the variables of both languages, by name, with their types', async () => {
  const cell =
    'import sys\nclass Own: pass\ndef f(): pass\nnumbers = [1, 2]\n_hidden = 1\nown = Own()';
  await expect(kernel.execute(cell)).toShow();
  await expect(kernel.execute('%%rust\nlet text = "é".to_owned(); let a = [1.0; 3];')).toShow();
  const size = expect.any(Number) as number;
  expect(await listed('python')).toEqual([
    { name: 'numbers', type: 'list', size },
    { name: 'own', type: '__main__.Own', size },
    { name: 'ready', type: 'bool', size },
  ]);
  expect(await listed('rust')).toEqual([
    { name: 'a', type: '[f64; 3]', size: 24 },
    { name: 'ready', type: 'bool', size: 1 },
    { name: 'text', type: 'String' },
  ]);
});

test('a value is looked at when it is asked for, and stays as it is', async () => {
  await expect(
    kernel.execute('%%rust\nlet names = vec!["a".to_owned(), "b".to_owned()];'),
  ).toShow();
  expect(await value('rust', 'names')).toEqual({
    data: { 'text/plain': '[\n    "a",\n    "b",\n]' },
    size: 24 + 2 * 24,
  });
  await expect(kernel.execute('%%rust\nnames.len()')).toShow({ result: { 'text/plain': '2' } });
  await expect(kernel.execute('names = {"a": 1}')).toShow();
  expect(await value('python', 'names')).toEqual({ data: { 'text/plain': "{'a': 1}" } });
});

test('a large value is shortened, and costs no more than a small one', async () => {
  await expect(kernel.execute('%%rust\nlet large = vec![7u8; 200_000_000];')).toShow();
  await expect(kernel.execute('large = "7" * 200_000_000')).toShow();
  const rust = await value('rust', 'large');
  expect(rust['size']).toBe(24 + 200_000_000);
  const python = await value('python', 'large');
  for (const { data } of [rust, python] as { data: Json }[]) {
    const text = String(data['text/plain']);
    expect(text.length).toBeLessThan(30_000);
    expect(text).toContain('7');
  }
  await expect(kernel.execute('del large')).toShow();
  await expect(kernel.execute('%%rust\nlet large = ();')).toShow();
});

test('what cannot be shown says why', async () => {
  await expect(kernel.execute('%%rust\nstruct Mute; let mute = Mute;')).toShow();
  expect(await value('rust', 'mute')).toEqual({
    problem: expect.stringMatching(/Mute cannot be shown, because it is not Debug/) as string,
  });
  expect(await value('rust', 'gone')).toEqual({ problem: 'There is no variable gone any more.' });
  expect(await value('python', 'gone')).toEqual({ problem: 'There is no variable gone any more.' });
  const code =
    'class Bad:\n    nbytes = property(lambda self: 1 / 0)\n    def __repr__(self): raise OSError\nbad = Bad()';
  await expect(kernel.execute(code)).toShow();
  expect(await listed('python')).toContainEqual({ name: 'bad', type: '__main__.Bad', size: null });
  expect(await value('python', 'bad')).toEqual({
    problem: '__main__.Bad cannot be shown: its repr fails.',
  });
});

test('no name becomes code', async () => {
  for (const name of ['a; loop {}', 'a"', '', '1a', 'a.b']) {
    expect(await ask('value', { language: 'rust', name })).toMatchObject({
      error: { code: -32602 },
    });
  }
});

test('nobody looks at a value while a cell runs', async () => {
  const { cell, letGo } = await bringTo(kernel, 'a Rust cell runs');
  expect(await ask('value', { language: 'rust', name: 'ready' })).toMatchObject({
    error: { message: 'A cell runs; open the variable again when it has ended.' },
  });
  const { result } = await ask('variables');
  expect(result).toMatchObject({ rust: null, python: expect.any(Array) as unknown });
  await letGo();
  await expect(cell).toShow();
});

test('looking at variables leaves no trace in the count and the history', async () => {
  const { content } = await kernel.execute('1;').reply();
  await value('rust', 'ready');
  await value('python', 'ready');
  await expect(kernel.execute('2;')).toReplyOk({
    execution_count: Number(content['execution_count']) + 1,
  });
});
