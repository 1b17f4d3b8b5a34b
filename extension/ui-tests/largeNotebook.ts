import type { SavedCell } from './jupyterLab';
import { timedCell } from './timedCell';

/** How many cells {@link largeNotebook} has. */
export const LARGE = 300;

/** A notebook with cells of all kinds that have run, with their outputs and times. */
export function largeNotebook(): Partial<SavedCell>[] {
  return Array.from({ length: LARGE }, (_, index) => {
    if (index % 10 === 0)
      return { cell_type: 'markdown', source: `## Part ${index / 10}\n\nWords.` };
    return index % 2 === 0 ? rustCell(index) : pythonCell(index);
  });
}

/** The source of a Rust cell of 10,000 lines. */
export function longRustCell(): string {
  const lines = Array.from({ length: 10_000 }, (_, index) => `let a${index} = ${index};`);
  return ['%%rust', ...lines].join('\n');
}

function rustCell(index: number): Partial<SavedCell> {
  const source = `%%rust --time
/// The sum of the numbers below \`end\` that \`keep\` wants.
fn sum_${index}(end: u64, keep: impl Fn(u64) -> bool) -> u64 {
    (0..end).filter(|&number| keep(number)).sum()
}
let sums_${index}: Vec<u64> = (1..=20).map(|end| sum_${index}(end, |n| n % 3 == 0)).collect();
println!("{sums_${index}:?}");
sums_${index}.len()`;
  return {
    ...timedCell(index, source, { compile: 80 + index, run: 0.3 }),
    outputs: [
      { output_type: 'stream', name: 'stdout', text: '[0, 0, 0, 3, 3, 3, 9, 9, 9, 18]\n' },
      result(index, { 'text/plain': '20' }),
    ],
  };
}

function pythonCell(index: number): Partial<SavedCell> {
  const source = `import math
rows = [(number, math.sqrt(number)) for number in range(10)]
for number, root in rows:
    print(number, round(root, 3))
rows`;
  const cells = Array.from({ length: 10 }, (_, n) => `<tr><td>${n}</td><td>${n * n}</td></tr>`);
  return {
    ...timedCell(index, source, { run: 1 + index / 10 }),
    outputs: [
      { output_type: 'stream', name: 'stdout', text: '0 0.0\n1 1.0\n2 1.414\n3 1.732\n' },
      result(index, { 'text/plain': 'rows', 'text/html': `<table>${cells.join('')}</table>` }),
    ],
  };
}

function result(count: number, data: Record<string, string>): object {
  return { output_type: 'execute_result', execution_count: count, metadata: {}, data };
}
