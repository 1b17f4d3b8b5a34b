import { markerHelp, markerOptions } from '../../../../kernel/src/session/markers/markerCommand';
import { type ParsedCell, parseCell } from '../../../../kernel/src/session/markers/parseCell';

function parsed(...lines: string[]): ParsedCell {
  return parseCell(lines.join('\n'), 'python');
}

describe('which language a cell is', () => {
  test.each([
    ['%%rust\n1', 'rust'],
    ['%%rust', 'rust'],
    ['%%rust\t\n1', 'rust'],
    ['  %%rust\n1', 'rust'],
    ['\n\n%%rust\n1', 'rust'],
    ['# a comment\n%%rust\n1', 'rust'],
    ['// a comment\n\n%%rust\n1', 'rust'],
    ['%%rust\r\nlet a = 1;\r\n', 'rust'],
    ['\r\n%%rust\r\n1', 'rust'],
    ['%%python\n1', 'python'],
    ['1', 'python'],
    ['', 'python'],
    ['x = 1\n%%rust', 'python'],
    ['#[derive(Debug)]\n%%rust', 'python'],
    ['#![allow(unused)]\n%%rust', 'python'],
    ['"""\n%%rust\n"""', 'python'],
    ['%rust', 'python'],
  ])('%j is %s', (source, language) => {
    expect(parseCell(source, 'python')).toMatchObject({ kind: 'cell', language });
  });

  test('a cell without a marker is the default language', () => {
    expect(parseCell('1', 'rust')).toEqual({
      kind: 'cell',
      language: 'rust',
      options: {},
      code: '1',
      marked: false,
    });
  });

  test('%%python in a Rust notebook', () => {
    expect(parseCell('%%python\n1', 'rust')).toMatchObject({ kind: 'cell', language: 'python' });
  });
});

describe('what the language is given', () => {
  test('Python gets its source byte by byte, or breakpoints would be lost', () => {
    const source = '# π\r\n%%python --time\r\nx = 1\r\n';
    expect(parseCell(source, 'python')).toMatchObject({ code: source, options: { time: true } });
  });

  test.each([
    ['%%rust\nlet a = 1;', '      \nlet a = 1;'],
    ['# note\n%%rust -t\n1', '      \n         \n1'],
    ['%%rust\r\n1\r\n', '       \n1\r\n'],
    ['\n%%rust', '\n      '],
    // One blank for a character outside of the BMP, as Rust and Jupyter count.
    ['# 🦀\n%%rust\n"🦀"', '   \n      \n"🦀"'],
  ])('%j becomes %j: marker and comments blank, positions as they were', (source, code) => {
    expect(parseCell(source, 'python')).toMatchObject({ kind: 'cell', code });
    expect([...code]).toHaveLength([...source].length);
  });
});

describe('options', () => {
  test.each([['--time'], ['-t'], ["'--time'"]])('%s', (option) => {
    expect(parsed(`%%rust ${option}`, '1')).toMatchObject({
      kind: 'cell',
      options: { time: true },
      marked: true,
    });
  });

  test('those of Rust alone', () => {
    expect(parsed('%%rust --no-snapshot', '1')).toMatchObject({ options: { snapshot: false } });
    expect(parsed('%%rust --no-cache', '1')).toMatchObject({ options: { cache: false } });
    expect(parsed('%%rust --debug', '1')).toMatchObject({ options: { debug: true } });
    expect(parsed('%%python --debug', '1')).toMatchObject({ kind: 'error' });
    expect(parsed('%%rust', '1')).toMatchObject({ options: { snapshot: true } });
    const unknown = parseCell('%%python --no-snapshot\n1', 'python');
    expect(unknown).toMatchObject({ kind: 'error' });
  });

  test('without any', () => {
    expect(parsed('%%rust', '1')).toMatchObject({ options: {} });
  });

  test('an unknown option is an error that suggests the right one', () => {
    const cell = parsed('%%rust --tme', '1');
    expect(cell).toMatchObject({ kind: 'error' });
    expect((cell as { message: string }).message).toMatch(/--tme.*\n?.*Did you mean --time\?/s);
    expect((cell as { message: string }).message).toContain('%%rust --help lists the options');
  });

  test('something that is no option is an error', () => {
    expect(parsed('%%rust let a = 1;')).toMatchObject({ kind: 'error' });
  });

  test.each([['--help'], ['-h']])('%s is the help', (option) => {
    expect(parsed(`%%rust ${option}`)).toEqual({ kind: 'help', text: markerHelp('rust') });
  });

  test('the help tells the use, the options and what they do', () => {
    const help = markerHelp('rust');
    expect(help).toContain('Usage: %%rust [options]');
    expect(help).toMatch(/-t, --time +show the cell's time/);
    expect(help).toContain('compiled and run by evcxr');
    expect(help).toMatch(/--debug +compile this cell with overflow checks/);
  });

  test('the options for completion', () => {
    expect(markerOptions('rust')).toEqual([
      '--time',
      '--no-snapshot',
      '--no-cache',
      '--debug',
      '--help',
    ]);
  });
});

describe('markers that nobody knows', () => {
  test('a slip of the finger is doubtful: it may be a magic', () => {
    expect(parsed('%%rsut', '1')).toMatchObject({
      kind: 'doubtful',
      name: 'rsut',
      message: expect.stringContaining(
        'unknown cell marker %%rsut. Did you mean %%rust?',
      ) as string,
      cell: { kind: 'cell', language: 'python', code: '%%rsut\n1' },
    });
  });

  test.each([['Rust'], ['RUST'], ['%rust'], ['ruby'], ['pyton'], ['python3'], ['rust,']])(
    '%%%%%s is doubtful',
    (name) => {
      expect(parsed(`%%${name}`, '1')).toMatchObject({ kind: 'doubtful', name });
    },
  );

  test.each([['bash'], ['time'], ['timeit'], ['html'], ['writefile'], ['js'], ['']])(
    '%%%%%s is left to IPython',
    (name) => {
      expect(parsed(`%%${name}`, '1')).toEqual({
        kind: 'cell',
        language: 'python',
        options: {},
        code: `%%${name}\n1`,
        marked: false,
      });
    },
  );

  test('in a Rust notebook any of them is an error', () => {
    expect(parseCell('%%bash\nls', 'rust')).toMatchObject({
      kind: 'error',
      message: expect.stringContaining('%%python or %%rust') as string,
    });
  });
});
