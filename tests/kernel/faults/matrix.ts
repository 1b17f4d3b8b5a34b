import { setTimeout as pause } from 'node:timers/promises';
import { starve } from '../../support/burner';
import { type Kernel, startSharedKernel } from '../../support/kernel';
import { plain } from '../../support/matchers';
import type { Output } from '../../support/outputs';
import type { Request } from '../../support/request';
import type { Role } from '../../support/roles';
import { define, expectKept, KEPT } from './kept';
import { begin, bringTo, type Moment, processOf, type Scene } from '../../support/scenes';

export type Fault =
  | 'is killed'
  | 'is stopped and goes on'
  | 'is stopped and the user interrupts'
  | 'gets hardly any time';

/** How the cell ends that was there when it happened. */
export type End = 'goes on' | { ename: RegExp; evalue?: RegExp };

export type LanguageName = 'python' | 'rust';

/** One fault case. */
export interface Case {
  process: Role;
  fault: Fault;
  moment: Moment;
  end: End;
  /** The language whose variables are lost. */
  loses?: LanguageName;
}

/** How long a stopped process stays stopped, in milliseconds. */
const STOPPED = 200;

/** What the log says of a child of the kernel's own that is gone. */
const DEATH = 'a language ended unexpectedly';

/** How soon the next cell must have its answer, in milliseconds: a language may have to start again. */
const NEXT_CELL = 30_000;

/** What a user is told about lost variables, once: by the cell that failed, or before the output of the next one. */
const LOSS: Record<LanguageName, RegExp> = {
  python: /its variables and imports are lost, Rust keeps everything/,
  rust: /its variables and items are lost, Python keeps everything|Rust variables .*are lost/,
};

/** Makes a test of each case, all on one kernel. */
export function testCases(cases: readonly Case[]): void {
  let kernel: Kernel;
  const known = new Set<LanguageName>();
  beforeAll(async () => {
    kernel = await startSharedKernel({ logs: /^a language ended unexpectedly/ });
  });
  beforeEach(async () => {
    for (const language of ['python', 'rust'] as const) {
      if (known.has(language)) continue;
      await define(kernel, language);
      known.add(language);
    }
  });

  test.each(cases.map((one) => [nameOf(one), one] as const))('%s', async (_, one) => {
    if (one.loses !== undefined) known.delete(one.loses);
    const told = await happens(kernel, one);
    const started = performance.now();
    for (const language of inOrder(languageOf(one))) {
      if (language === told.open) await expectLost(kernel, language, told.text);
      else await expectKept(kernel, language);
    }
    expect(performance.now() - started).toBeLessThan(NEXT_CELL);
  });
}

/** What the failed cell said, and the language of which it is still to be seen that its variables are lost. */
interface Told {
  text: string;
  open: LanguageName | undefined;
}

/** Lets it happen, and checks how the cells end that were there. */
async function happens(kernel: Kernel, one: Case): Promise<Told> {
  const pid = one.moment === 'nothing runs' ? await processOf(kernel, one.process) : 0;
  if (one.fault === 'is killed' && pid !== 0) {
    await kill(kernel, one.process, pid);
    return { text: '', open: one.loses };
  }
  if (pid !== 0 && one.fault.startsWith('is stopped')) process.kill(pid, 'SIGSTOP');
  const scene =
    one.moment === 'nothing runs'
      ? begin(kernel, languageOf(one) === 'python' ? 'a Python cell runs' : 'a Rust cell runs')
      : await bringTo(kernel, one.moment);
  const victim = pid === 0 ? await processOf(kernel, one.process) : pid;
  const other = otherThan(languageOf(one));
  const behind = kernel.execute(KEPT[other].get);
  await inflict(kernel, one, scene, victim);
  const text = await expectEnd(scene.cell, one.end);
  if (one.fault === 'is stopped and the user interrupts') {
    await expect(behind).toBeAborted();
  } else if (other === one.loses) {
    await expectLost(kernel, other, '', behind);
    return { text, open: undefined };
  } else {
    await expectKept(kernel, other, behind);
  }
  return { text, open: one.loses };
}

async function inflict(kernel: Kernel, one: Case, scene: Scene, victim: number): Promise<void> {
  switch (one.fault) {
    case 'is killed':
      await kill(kernel, one.process, victim);
      if (one.end === 'goes on') await scene.letGo();
      break;
    case 'is stopped and goes on':
      process.kill(victim, 'SIGSTOP');
      await pause(STOPPED);
      process.kill(victim, 'SIGCONT');
      await scene.letGo();
      break;
    case 'is stopped and the user interrupts': {
      process.kill(victim, 'SIGSTOP');
      await pause(STOPPED);
      const interrupt = kernel.interrupt();
      // Nobody but the one who stopped the kernel itself can set it going again.
      if (one.process === 'kernel') process.kill(victim, 'SIGCONT');
      await expect(interrupt).toReplyOk();
      break;
    }
    case 'gets hardly any time': {
      const enough = starve(victim);
      try {
        await scene.letGo();
        await scene.cell.done();
      } finally {
        enough();
      }
    }
  }
}

/** Kills a process; resolves when the kernel knows that one of its own children is gone, which takes a moment. */
async function kill(kernel: Kernel, role: Role, pid: number): Promise<void> {
  const deaths = kernel.process.said(DEATH);
  process.kill(pid, 'SIGKILL');
  if (role === 'ipykernel' || role === 'host') await kernel.process.untilSaid(DEATH, deaths + 1);
}

/** What a cell said about its end; what it printed besides is of no interest. */
async function expectEnd(cell: Request, end: End): Promise<string> {
  const reply = await cell.result();
  const outputs = await cell.outputs();
  const errors = outputs.filter((output) => 'error' in output);
  if (end === 'goes on') {
    expect({ reply, errors }).toMatchObject({ reply: { status: 'ok' }, errors: [] });
    return notices(outputs).join('');
  }
  const { ename, evalue, traceback } = reply;
  expect({ reply, errors }).toEqual({
    reply: expect.objectContaining({ status: 'error' }) as object,
    errors: [{ error: { ename, evalue, traceback } }],
  });
  expect(ename).toMatch(end.ename);
  if (end.evalue !== undefined) expect(evalue).toMatch(end.evalue);
  return plain(String(evalue));
}

/** The variable is gone, the user was told so once, and new cells run. */
async function expectLost(
  kernel: Kernel,
  language: LanguageName,
  told: string,
  cell = kernel.execute(KEPT[language].get),
): Promise<void> {
  const reply = await cell.result();
  expect(reply).toMatchObject({ status: 'error', ename: KEPT[language].missing });
  const outputs = await cell.outputs();
  expect([told, ...notices(outputs)].filter((text) => LOSS[language].test(text))).toHaveLength(1);
  await expect(kernel.execute(KEPT[language].set)).toShow();
}

function notices(outputs: readonly Output[]): string[] {
  return outputs.flatMap((output) => ('stderr' in output ? [output.stderr] : []));
}

function nameOf({ process, fault, moment, end, loses }: Case): string {
  const outcome = end === 'goes on' ? 'the cell goes on' : `the cell fails (${end.ename.source})`;
  const state =
    loses === undefined ? 'all variables are kept' : `${titled(loses)}’s variables are lost`;
  return moment === 'nothing runs' && fault === 'is killed'
    ? `the ${process} ${fault} while ${moment}: ${state}`
    : `the ${process} ${fault} while ${moment}: ${outcome}, ${state}`;
}

function titled(language: LanguageName): string {
  return language === 'python' ? 'Python' : 'Rust';
}

/** The language of the cell that is there; with none, the one that the process belongs to. */
function languageOf({ moment, process }: Case): LanguageName {
  if (moment === 'nothing runs') return process === 'ipykernel' ? 'python' : 'rust';
  return moment.startsWith('a Python cell') ? 'python' : 'rust';
}

function otherThan(language: LanguageName): LanguageName {
  return language === 'python' ? 'rust' : 'python';
}

function inOrder(first: LanguageName): LanguageName[] {
  return [first, otherThan(first)];
}

/** One case for each moment. */
export function during(moments: readonly Moment[], rest: Omit<Case, 'moment'>): Case[] {
  return moments.map((moment) => ({ ...rest, moment }));
}
