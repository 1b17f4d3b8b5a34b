import { completeMarker } from '../../../../kernel/src/session/markers/completeMarker';

/** Completions at `|`. */
function at(text: string): ReturnType<typeof completeMarker> {
  const [before = '', after = ''] = text.split('|');
  return completeMarker(before + after, [...before].length);
}

test.each([
  ['%%|', ['%%python', '%%rust'], 0],
  ['%%ru|', ['%%rust'], 0],
  ['%%ru|\nlet a = 1;', ['%%rust'], 0],
  ['\n  %%py|', ['%%python'], 3],
  ['# 🦀\n%%r|', ['%%rust'], 4],
  ['%|', ['%timing', '%restart', '%ferrobook', '%cache', '%%python', '%%rust'], 0],
  ['%ti|', ['%timing'], 0],
  ['x = 1\n  %ti|', ['%timing'], 8],
])('%j offers %j beside what the language knows', (text, matches, start) => {
  expect(at(text)).toEqual({
    exclusive: false,
    completions: {
      matches,
      cursor_start: start,
      cursor_end: [...text.split('|')[0]!].length,
      metadata: {},
    },
  });
});

test.each([
  ['%%rust |', ['--time', '--no-snapshot', '--no-cache', '--debug', '--help'], 7],
  ['%%rust --|', ['--time', '--no-snapshot', '--no-cache', '--debug', '--help'], 7],
  ['%%rust --ti|me\nx', ['--time'], 7],
  ['%%python --time --h|', ['--help'], 16],
  ['%%rust --x|', [], 7],
])('%j offers the options %j and nothing else', (text, matches, start) => {
  expect(at(text)).toMatchObject({
    exclusive: true,
    completions: { matches, cursor_start: start },
  });
});

test.each([
  ['%%bas|'],
  ['a % b|'],
  ['%%rust\nlet x = String::|'],
  ['x|\n%%rust'],
  ['%unknown|'],
  ['|'],
])('%j is left to the language', (text) => {
  expect(at(text)).toBeUndefined();
});

/** Tab behind `%%timeit ` wrote `%%python` there. */
test('the arguments of a magic of IPython are not completed to markers', () => {
  expect(at('%%timeit |')).toBeUndefined();
  expect(at('%%bash |\nls')).toBeUndefined();
});
