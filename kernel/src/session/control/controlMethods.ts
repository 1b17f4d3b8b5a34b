import {
  type Activity,
  type CheckedCell,
  type ControlMethods,
  LANGUAGES,
  type LanguageName,
  type Variable,
  type VariableValue,
} from '@ferrobook/notebook';
import { z } from 'zod';
import type { KernelStatus } from '../kernelStatus';

/** What control methods act upon. */
export interface ControlTargets {
  /** Starts one language afresh. */
  restart(language: LanguageName): Promise<void>;
  /** What the kernel is made of at this moment. */
  status(): Promise<KernelStatus>;
  /** What the kernel is at. */
  activity(): Activity;
  /** The user's variables. `null` of a language that cannot tell while a cell runs. */
  variables(): Promise<Record<LanguageName, Variable[] | null>>;
  /** A variable's value. Rejects while a cell runs. */
  value(language: LanguageName, name: string): Promise<VariableValue>;
  /** What the compiler says about a cell that is being typed. */
  check(code: string, cell: string | undefined): Promise<CheckedCell>;
}

/** The targets, and the comm that a request has come by. */
interface ControlContext extends ControlTargets {
  /** The comm is told what the kernel is at from now on. */
  watch(): void;
}

/** A method that a frontend may call. To list it is all that it needs. */
export interface ControlMethod {
  readonly name: string;
  readonly parameters: z.ZodType;
  /** Somebody is typing: the kernel is not shown to be busy with it. */
  readonly inBackground?: boolean;
  /** Resolves with the result; `parameters` have been read. */
  run(parameters: unknown, context: ControlContext): unknown;
}

/** A method with the types that frontends know of it. */
function method<N extends keyof ControlMethods>(
  name: N,
  parameters: z.ZodType<ControlMethods[N]['parameters']>,
  run: (
    parameters: ControlMethods[N]['parameters'],
    context: ControlContext,
  ) => ControlMethods[N]['result'] | Promise<ControlMethods[N]['result']>,
  inBackground = false,
): ControlMethod {
  return {
    name,
    parameters,
    inBackground,
    run: (given, context) => run(given as ControlMethods[N]['parameters'], context),
  };
}

/** Whatever comes with a method that takes nothing is ignored. */
const nothing = z.unknown().transform(() => undefined);

const language = z.enum(LANGUAGES);

/** It becomes a part of code. */
const variableName = z
  .string()
  .regex(/^(r#)?[\p{ID_Start}_]\p{ID_Continue}*$/u, 'must be the name of a variable');

export const CONTROL_METHODS: readonly ControlMethod[] = [
  method('restart', z.strictObject({ language }), async (asked, context) => {
    await context.restart(asked.language);
    return null;
  }),
  method('status', nothing, (_, context) => context.status()),
  method('variables', nothing, (_, context) => context.variables()),
  method('value', z.strictObject({ language, name: variableName }), (asked, context) =>
    context.value(asked.language, asked.name),
  ),
  method('watch', nothing, (_, context) => {
    context.watch();
    return context.activity();
  }),
  method(
    'check',
    z.strictObject({ code: z.string(), cell: z.string().optional() }),
    (asked, context) => context.check(asked.code, asked.cell),
    true,
  ),
];
