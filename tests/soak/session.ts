import { isDeepStrictEqual } from 'node:util';
import type { Output } from '../support/outputs';
import type { Notebook, Outcome } from './notebook';
import type { Random } from './random';

/** How a cell is run, and what the user does meanwhile: as in {@link Notebook.run}. */
type Rest = Parameters<Notebook['run']> extends [string, ...infer R] ? R : never;

/** What a language's variable must hold; `undefined` when it is not defined. */
interface Model {
  rust: number[] | undefined;
  python: number[] | undefined;
}

/** A notebook, and what its variables must be: `v`, a Rust `Vec<i64>`, and `l`, a Python list. */
export class Session {
  readonly model: Model = { rust: undefined, python: undefined };
  mismatches = 0;

  constructor(
    readonly notebook: Notebook,
    readonly random: Random,
    private readonly tell: (problem: string) => void,
  ) {}

  number(): number {
    return this.random.below(1_000_000);
  }

  rust(code: string, ...rest: Rest): Promise<Outcome> {
    return this.notebook.run(`%%rust\n${code}`, ...rest);
  }

  python(code: string, ...rest: Rest): Promise<Outcome> {
    return this.notebook.run(code, ...rest);
  }

  /** The cell was ok and showed this. */
  expectShown(outcome: Outcome, ...outputs: Output[]): void {
    if (outcome.status !== 'ok' || !isDeepStrictEqual(outcome.outputs, outputs)) {
      this.mismatch(`expected ${JSON.stringify(outputs)}`, outcome);
    }
  }

  /** The cell failed and its error says this; what it showed before does not matter. */
  expectError(outcome: Outcome, text: RegExp): void {
    if (outcome.status !== 'error' || !text.test(outcome.error)) {
      this.mismatch(`expected an error ${text.source}`, outcome);
    }
  }

  mismatch(expected: string, got: unknown): void {
    this.mismatches += 1;
    this.tell(`${expected}, got ${JSON.stringify(got).slice(0, 2_000)}`);
  }

  /** Defines the variables that are not there, and empties those that have become long. */
  async prepare(): Promise<void> {
    const { model } = this;
    if (model.rust === undefined) {
      this.expectShown(await this.rust('let mut v: Vec<i64> = Vec::new();'));
      model.rust = [];
    }
    if (model.python === undefined) {
      this.expectShown(
        await this.python(
          'l = []\ndef echo(comm, opened):\n    comm.on_msg(lambda m: comm.send(m["content"]["data"]))\n' +
            'get_ipython().kernel.comm_manager.register_target("soak", echo)',
        ),
      );
      model.python = [];
    }
    if (model.rust.length > 200) {
      this.expectShown(await this.rust('v.clear();'));
      model.rust = [];
    }
  }

  /** Whether the variables are what they must be. */
  async check(): Promise<void> {
    const { rust, python } = this.model;
    if (rust !== undefined) {
      const shown = `[${rust.join(', ')}]`;
      this.expectShown(await this.rust('v'), { result: { 'text/plain': shown } });
    }
    if (python !== undefined) {
      const shown = `'${JSON.stringify(python)}'`;
      this.expectShown(await this.python('__import__("json").dumps(l, separators=(",", ":"))'), {
        result: { 'text/plain': shown },
      });
    }
  }
}
