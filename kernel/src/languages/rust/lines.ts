const NEWLINE = 0x0a;

/**
 * The lines of a stream of bytes, without their ends. It reads no further than it must: whoever writes into a pipe is
 * held up while a line is being dealt with. (`readline` reads a thousand lines ahead, and an event can be a megabyte.)
 */
export async function* lines(source: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let begun: Buffer[] = [];
  for await (const chunk of source) {
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
      yield Buffer.concat([...begun, chunk.subarray(from, end)]).toString('utf8');
      begun = [];
      from = end + 1;
    }
    if (from < chunk.length) begun.push(chunk.subarray(from));
  }
  if (begun.length > 0) yield Buffer.concat(begun).toString('utf8');
}
