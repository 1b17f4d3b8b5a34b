import { chipWords } from '@ferrobook/notebook';
import { markerOptions } from '../../kernel/src/session/markers/markerCommand';

/** What the extension draws, against what the kernel reads. */

test("a chip's words know all options of the kernel", () => {
  const written = [...markerOptions('rust'), ...markerOptions('python')];
  const shown = written.filter((option) => option !== '--help').map((it) => chipWords('rust', it));
  expect(shown.filter((words) => words.includes('--'))).toEqual([]);
});
