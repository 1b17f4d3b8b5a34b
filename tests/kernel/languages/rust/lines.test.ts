import { lines } from '../../../../kernel/src/languages/rust/lines';

async function* chunksOf(...chunks: (string | Buffer)[]): AsyncGenerator<Buffer> {
  for (const chunk of chunks) {
    await Promise.resolve();
    yield Buffer.from(chunk);
  }
}

async function all(source: AsyncIterable<Buffer>): Promise<string[]> {
  const found: string[] = [];
  for await (const line of lines(source)) found.push(line);
  return found;
}

test('lines are found wherever the pieces of a pipe end', async () => {
  const text = 'one\n\n{"three": "🦀 größe"}\nfour';
  const expected = text.split('\n');
  const bytes = Buffer.from(text);
  for (let size = 1; size <= bytes.length; size++) {
    const chunks: Buffer[] = [];
    for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
    expect(await all(chunksOf(...chunks))).toEqual(expected);
  }
});

test('nothing is left behind the last end of a line', async () => {
  expect(await all(chunksOf('a\n', 'b\n'))).toEqual(['a', 'b']);
  expect(await all(chunksOf())).toEqual([]);
});

test('a line is handed out before more is read', async () => {
  let read = 0;
  async function* source(): AsyncGenerator<Buffer> {
    for (;;) {
      read += 1;
      await Promise.resolve();
      yield Buffer.from('line\nand another\n');
    }
  }
  const reader = lines(source());
  await reader.next();
  await reader.next();
  expect(read).toBe(1);
  await reader.next();
  expect(read).toBe(2);
  await reader.return(undefined);
});
