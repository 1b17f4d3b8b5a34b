import type { LanguageName } from '../language.js';
import type { Activity } from './activity.js';
import type { Diagnostic } from './diagnostic.js';
import type { Variable, VariableValue } from './variable.js';

/**
 * The comm target by which a frontend reaches the kernel itself, not one of its languages. The data of such a comm are
 * JSON-RPC 2.0 objects, one in each `comm_msg`: a request of {@link ControlMethods} from the frontend, its response from the
 * kernel, and {@link ACTIVITY} as a notification.
 */
export const CONTROL_TARGET = 'ferrobook';

/** The notification of each new {@link Activity}, to the comms that asked to `watch`. */
export const ACTIVITY = 'activity';

/** What a frontend may ask for: the parameters and the result of each method. */
export interface ControlMethods {
  /** Starts one language afresh. Answered once its processes have ended; also while a cell runs. */
  restart: { parameters: { language: LanguageName }; result: null };
  /** What the kernel is made of at this moment. */
  status: { parameters: undefined; result: object };
  /** The user's variables; `null` of a language that cannot tell while a cell runs. */
  variables: { parameters: undefined; result: Record<LanguageName, Variable[] | null> };
  /** Looks at one of them; an error while a cell runs. */
  value: { parameters: { language: LanguageName; name: string }; result: VariableValue };
  /** What the kernel is at. From then on the comm is told each change. */
  watch: { parameters: undefined; result: Activity };
  /**
   * What the compiler says about a cell that is being typed, whose id is `cell`. A newer check, and any cell, ends it. With the id
   * it is known what the cell defines already: that is replaced when the cell is executed, and is not there twice.
   */
  check: { parameters: { code: string; cell?: string | undefined }; result: CheckedCell };
}

/**
 * What the compiler says about a cell. Lines and columns are the cell's own, its marker included, and count from 1;
 * columns count Unicode code points. A cell that nothing compiles has no diagnostics.
 */
export interface CheckedCell {
  /** `null` when the cell was not checked: a cell runs, a newer check was asked for, or its language is not available. */
  readonly diagnostics: readonly Diagnostic[] | null;
}
