/**
 * `npm run soak`: a long random session with the real kernel, faults mixed in. Nothing may be lost, every variable must be
 * what it must be, and no process may grow. The build and the environment must be there (`npm start -- --no-run --no-lab`).
 */

import { randomInt } from 'node:crypto';
import { Command, InvalidArgumentError } from 'commander';
import { ACTIONS } from './actions';
import { Curve } from './curve';
import { LostCell, Notebook } from './notebook';
import { Random } from './random';
import { Session } from './session';

interface SoakOptions {
  cells: number;
  seed: number;
  every: number;
}

const MINUTE = 60_000;

function count(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('a whole number is expected.');
  return Number(text);
}

async function soak({ cells, seed, every }: SoakOptions): Promise<boolean> {
  const began = performance.now();
  const random = new Random(seed);
  const curve = new Curve();
  const tally = new Map<string, number>();
  const problems: string[] = [];
  /** `done`: cells of sessions that are over. `reached`: all of them when the last action began. */
  let [done, reached, lost, faults, mismatches] = [0, 0, 0, 0, 0];

  const tell = (problem: string): void => {
    problems.push(problem);
    console.log(`after cell ${reached}: ${problem}`);
  };
  const begin = async (): Promise<Session> => new Session(await Notebook.start(tell), random, tell);

  console.log(`${cells} cells, seed ${seed}`);
  let session = await begin();
  let sampled = 0;
  while (done < cells) {
    const action = random.pick(ACTIONS);
    reached = done + session.notebook.cells;
    try {
      await session.prepare();
      await action.run(session);
      if (action.fault || random.below(10) === 0) await session.check();
      tally.set(action.name, (tally.get(action.name) ?? 0) + 1);
      if (action.fault) faults += 1;
    } catch (error) {
      if (!(error instanceof LostCell)) throw error;
      lost += 1;
      tell(`lost in "${action.name}": ${error.message.slice(0, 2_000)}`);
      done += session.notebook.cells;
      mismatches += session.mismatches;
      await session.notebook.kill();
      session = await begin();
      continue;
    }
    const total = done + session.notebook.cells;
    if (total >= sampled + every) {
      sampled = total;
      curve.sample(session.notebook, total);
      const minutes = ((performance.now() - began) / MINUTE).toFixed(1);
      console.log(`${total} cells, ${faults} faults, ${problems.length} problems, ${minutes} min`);
    }
    if (total >= cells) break;
  }
  done += session.notebook.cells;
  mismatches += session.mismatches;
  await session.notebook.end();

  const growths = curve.growths();
  console.log(`\n${curve.report()}\n`);
  for (const { name } of ACTIONS)
    console.log(`${String(tally.get(name) ?? 0).padStart(6)} ${name}`);
  console.log(
    `\n${done} cells in ${((performance.now() - began) / MINUTE).toFixed(1)} min, seed ${seed}\n` +
      `faults survived: ${faults}\ncells lost: ${lost}\nmismatches: ${mismatches}\n` +
      `other problems: ${problems.length - lost - mismatches}\n` +
      `growth: ${growths.length === 0 ? 'none' : growths.join('; ')}`,
  );
  return problems.length === 0 && growths.length === 0;
}

const options = new Command('npm run soak --')
  .description('A long random session with the real kernel, faults mixed in.')
  .option('--cells <number>', 'how many cells to run', count, 2_000)
  .option('--seed <number>', 'repeats a session', count, randomInt(1, 2 ** 31))
  .option('--every <number>', 'how many cells lie between two looks at the processes', count, 50)
  .parse()
  .opts<SoakOptions>();

void soak(options).then((passed) => process.exit(passed ? 0 : 1));
