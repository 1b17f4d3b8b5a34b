import type { Output } from './outputs';
import { plain } from './plain';
import type { Request } from './request';
import type { Json } from './wire';

/** What a failed cell is expected to say. */
export interface ExpectedError {
  ename: string | RegExp;
  evalue?: string | RegExp;
  /** Text of the traceback, without its colours. */
  traceback?: string | RegExp;
}

export { plain };

const PASSED = { pass: true, message: () => 'this matcher has no negation' };

expect.extend({
  /** The reply's status is ok; what was shown is left for the test to look at. */
  async toReplyOk(request: Request, content: Json = {}) {
    expect(await request.result()).toMatchObject({ status: 'ok', ...content });
    return PASSED;
  },

  /** The cell is ok and showed exactly this. */
  async toShow(request: Request, ...outputs: Output[]) {
    const result = await request.result();
    expect({ outputs: await request.outputs(), status: result['status'] }).toEqual({
      outputs,
      status: 'ok',
    });
    return PASSED;
  },

  /** The reply is an error, and exactly one `error` was published, which says the same. */
  async toFailWith(request: Request, expected: ExpectedError) {
    const reply = await request.result();
    expect(reply).toMatchObject({ status: 'error' });
    const { ename, evalue, traceback } = reply;
    if (typeof expected.ename === 'string')
      expect({ ename, evalue }).toMatchObject({ ename: expected.ename });
    else expect(ename).toMatch(expected.ename);
    if (expected.evalue !== undefined) expect(evalue).toMatch(expected.evalue);
    const text = plain((traceback as string[]).join('\n'));
    if (expected.traceback !== undefined) expect(text).toMatch(expected.traceback);
    expect(request.takeErrors().map((error) => error.content)).toEqual([
      { ename, evalue, traceback },
    ]);
    return PASSED;
  },

  /** The cell was not run, because one before it failed or was interrupted. */
  async toBeAborted(request: Request) {
    expect(await request.result()).toMatchObject({ status: 'aborted' });
    expect(await request.outputs()).toEqual([]);
    return PASSED;
  },
});
