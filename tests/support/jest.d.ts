/** The matchers of `matchers.ts`, for the type checker. */
declare namespace jest {
  // eslint-disable-next-line @typescript-eslint/no-unused-vars -- the declarations must agree
  interface Matchers<R, T = {}> {
    toReplyOk(content?: import('./wire').Json): Promise<R>;
    toShow(...outputs: import('./outputs').Output[]): Promise<R>;
    toFailWith(expected: import('./matchers').ExpectedError): Promise<R>;
    toBeAborted(): Promise<R>;
  }
}
