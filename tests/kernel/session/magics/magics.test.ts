import type { LanguageName } from '@ferrobook/notebook';
import type { CacheUsage } from '../../../../kernel/src/languages/language';
import type { KernelStatus } from '../../../../kernel/src/session/kernelStatus';
import { type MagicResult, runMagic } from '../../../../kernel/src/session/magics/runMagic';
import { takeMagics } from '../../../../kernel/src/session/magics/takeMagics';
import { TimingLedger } from '../../../../kernel/src/timing/ledger';
import { timing } from '../../../support/timing';

const status: KernelStatus = {
  version: '1.2.3',
  process: { pid: 100, residentMb: 81.6 },
  logFile: '/var/log/kernel-100.log',
  languages: {
    python: {
      state: 'ready',
      processes: [{ name: 'ipykernel', pid: 101, residentMb: 64.2 }],
      details: ['Python 3.12.1, ipykernel 7.4.0'],
    },
    rust: {
      state: 'starting',
      processes: [{ name: 'host', pid: 102, residentMb: undefined }],
      details: [],
    },
  },
};

let ledger: TimingLedger;
let restarted: LanguageName[];
let usage: CacheUsage | undefined;
let cleared: boolean;
beforeEach(() => {
  ledger = new TimingLedger();
  restarted = [];
  usage = {
    directory: '/home/me/.cache/ferrobook',
    problem: null,
    entries: 12,
    bytes: 3.5 * 1024 * 1024,
    limit: 2 * 1024 ** 3,
    hits: 30,
    misses: 14,
  };
  cleared = false;
});

function run(name: string, arguments_: string): Promise<MagicResult> {
  return runMagic(
    { name, arguments: arguments_ },
    {
      ledger,
      restart: (language) => {
        restarted.push(language);
        return Promise.resolve();
      },
      status: () => Promise.resolve(status),
      cache: (clear) => {
        cleared = clear;
        return Promise.resolve(usage);
      },
    },
  );
}

/** What an error says. */
function error(evalue: string): unknown {
  return { error: { ename: 'UsageError', evalue, traceback: [`UsageError: ${evalue}`] } };
}

test('%timing shows the table', async () => {
  ledger.add(timing(), 'x = 1');
  expect(await run('timing', '')).toMatchObject({
    data: { 'text/plain': expect.stringContaining('x = 1') as string },
  });
});

test('%timing on and off switch the display', async () => {
  await run('timing', ' on ');
  expect(ledger.shown).toBe(true);
  await run('timing', 'off');
  expect(ledger.shown).toBe(false);
});

test('%timing reset forgets the cells', async () => {
  ledger.add(timing(), 'x = 1');
  await run('timing', 'reset');
  expect(ledger.table().cells).toEqual([]);
});

test('%restart starts one language afresh and says what is gone', async () => {
  expect(await run('restart', 'rust')).toEqual({
    data: {
      'text/plain':
        'Rust starts afresh: its variables, items and crates are gone. Python keeps everything.',
    },
  });
  await run('restart', 'python');
  expect(restarted).toEqual(['rust', 'python']);
});

test('%ferrobook status', async () => {
  expect(await run('ferrobook', 'status')).toEqual({
    data: {
      'text/plain': [
        'Ferrobook    1.2.3',
        'kernel       process 100, 82 MB',
        'log          /var/log/kernel-100.log',
        '',
        'python       ready',
        '  ipykernel  process 101, 64 MB',
        '             Python 3.12.1, ipykernel 7.4.0',
        '',
        'rust         starting',
        '  host       process 102',
      ].join('\n'),
    },
  });
});

test('a wrong argument is an error that suggests the right one, and changes nothing', async () => {
  expect(await run('timing', 'onn')).toEqual(
    error(
      '%timing does not know "onn". Did you mean %timing on? It takes nothing (to show it), on, off or reset',
    ),
  );
  expect(await run('restart', 'pyton')).toEqual(
    error('%restart does not know "pyton". Did you mean %restart python? It takes python or rust'),
  );
  expect(await run('restart', '')).toEqual(
    error('%restart needs to know what. Did you mean %restart rust? It takes python or rust'),
  );
  expect({ shown: ledger.shown, restarted }).toEqual({ shown: false, restarted: [] });
});

test('an unknown magic is an error that suggests the right one', async () => {
  expect(await run('timming', '')).toEqual(error('unknown magic %timming. Did you mean %timing?'));
});

test.each([
  ['%timing\n1 + 1', [['timing', '']], '       \n1 + 1'],
  [
    '  %timing on\n%timing\nx',
    [
      ['timing', 'on'],
      ['timing', ''],
    ],
    '            \n       \nx',
  ],
  ['\n// note\n%timing\r\n1', [['timing', '']], '\n// note\n       \r\n1'],
  [':dep itoa\n%timing', [['timing', '']], ':dep itoa\n       '],
  ['let a = 5\n%timing;', [], 'let a = 5\n%timing;'],
  ['%timing 🦀', [['timing', '🦀']], '         '],
])(
  '%j: the magics at the top are taken, everything else stays in its place',
  (source, magics, code) => {
    expect(takeMagics(source)).toEqual({
      magics: magics.map(([name, arguments_]) => ({ name, arguments: arguments_ })),
      code,
    });
  },
);

test('%cache shows what is kept, and %cache clear what is gone', async () => {
  const text = async (argument: string) =>
    ((await run('cache', argument)) as { data: object }).data;
  expect(await text('')).toEqual({
    'text/plain':
      'directory  /home/me/.cache/ferrobook\n' +
      'kept       12 results, 3.5 MiB of 2.0 GiB (FERROBOOK_CACHE_SIZE)\n' +
      'found      30 times, not found 14 times since it was last emptied',
  });
  expect(cleared).toBe(false);
  expect(await text('clear')).toEqual({
    'text/plain': 'Removed 12 results, 3.5 MiB from /home/me/.cache/ferrobook.',
  });
  expect(cleared).toBe(true);
  expect(await run('cache', 'empty')).toEqual(
    error(
      '%cache does not know "empty". Did you mean %cache clear? It takes nothing (to show it) or clear',
    ),
  );
});

test('%cache says why nothing is kept', async () => {
  const says = (text: string) => ({
    data: { 'text/plain': expect.stringContaining(text) as string },
  });
  usage = { ...usage!, problem: 'Read-only file system (os error 30)' };
  expect(await run('cache', '')).toEqual(says('cannot be used: Read-only file system'));
  usage = { ...usage, directory: null };
  expect(await run('cache', '')).toEqual(says('not kept (FERROBOOK_CACHE_DIR'));
  usage = undefined;
  expect(await run('cache', '')).toEqual(says('does not run'));
});
