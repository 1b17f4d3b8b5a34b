import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { type Kernel, startKernel, startSharedKernel } from '../../support/kernel';
import { PYTHON } from '../../support/kernelProcess';
import { residentMb, untilSome } from '../../support/processes';
import { SlowSubscriber } from '../../support/slowSubscriber';
import { PATIENCE } from '../../support/waiting';
import type { Message } from '../../support/wire';

/** A flood on a busy machine takes longer than jest allows by default. */
jest.setTimeout(600_000);

/** By how much a process may grow while it prints to a reader that is slow, in megabytes, by a part of its command. */
const BOUNDS: Record<string, number> = {
  'ferrobook-kernel': 150,
  'launch.py': 60,
  'ferrobook-runtime': 60,
  'ferrobook-cell': 60,
};

const PRINTING = {
  Python: {
    code: 'n = 0\nwhile True:\n    print(f"{n:0999d}")\n    n += 1',
    error: 'KeyboardInterrupt',
  },
  Rust: {
    code: '%%rust\nlet mut n = 0;\nloop {\n    println!("{n:0999}");\n    n += 1;\n}',
    error: 'Interrupted',
  },
};

const subscribers: SlowSubscriber[] = [];
afterEach(() => {
  for (const subscriber of subscribers.splice(0)) subscriber.close();
});

/** What each of a kernel's processes holds, in megabytes. */
function memory(kernel: Kernel): Map<string, number> {
  return new Map(
    kernel.process
      .processes()
      .map(({ pid, command }) => [`${pid} ${command.slice(0, 200)}`, residentMb(pid) ?? 0]),
  );
}

/** By how much each of a kernel's processes grows at most during `time` milliseconds. */
async function growth(kernel: Kernel, time: number): Promise<Map<string, number>> {
  const before = memory(kernel);
  const grown = new Map<string, number>();
  for (const end = performance.now() + time; performance.now() < end;) {
    for (const [name, megabytes] of memory(kernel)) {
      grown.set(name, Math.max(grown.get(name) ?? 0, megabytes - (before.get(name) ?? megabytes)));
    }
    await pause(50);
  }
  return grown;
}

/** What was printed on stdout. */
function linesOf(messages: Message[]): string[] {
  return messages
    .filter(({ content }) => content['name'] === 'stdout')
    .map(({ content }) => content['text'] as string)
    .join('')
    .split('\n');
}

/** The text that was shown, as what must be the same when nothing is missing and everything is in its place. */
function digest(messages: Message[]): { bytes: number; sha256: string } {
  const hash = createHash('sha256');
  let bytes = 0;
  for (const { type, content } of messages) {
    if (type !== 'stream' || content['name'] !== 'stdout') throw new Error(`not stdout: ${type}`);
    const text = Buffer.from(content['text'] as string);
    bytes += text.length;
    hash.update(text);
  }
  return { bytes, sha256: hash.digest('hex') };
}

describe.each(Object.entries(PRINTING))('a %s cell that prints for ever', (_, { code, error }) => {
  test('waits for its reader, fills no memory, and can be interrupted', async () => {
    const kernel = await startKernel();
    await kernel.execute('warm = 1').done();
    // A type to infer: rust-analyzer holds the standard library from then on.
    if (code.startsWith('%%rust')) await kernel.execute('%%rust\nlet warm = "1".len();').done();
    subscribers.push(await SlowSubscriber.connect(kernel.connection.address('iopub'), 10));
    const growing = growth(kernel, 8_000);
    const run = kernel.execute(code);
    const begun = [await run.next()];
    const grown = await growing;
    const exceeding = [...grown].filter(([name, megabytes]) =>
      Object.entries(BOUNDS).some(([part, bound]) => name.includes(part) && megabytes > bound),
    );
    expect(exceeding).toEqual([]);

    // What is said of the lines below has to be about many of them.
    while (linesOf(begun).length <= 1_000) begun.push(await run.next());

    const asked = performance.now();
    await kernel.interrupt().reply();
    expect(performance.now() - asked).toBeLessThan(1_000);
    expect((await run.reply()).content).toMatchObject({ status: 'error', ename: error });
    await run.done();
    // What was on its way goes to the slow reader first, which took 1 to 4 s.
    expect(performance.now() - asked).toBeLessThan(45_000);
    expect(run.takeErrors()).toHaveLength(1);
    const lines = linesOf([...begun, ...(await run.outputMessages())])
      // The interrupt may have cut it.
      .slice(0, -1);
    expect(lines.length).toBeGreaterThan(1_000);
    expect(lines.findIndex((line, n) => line !== String(n).padStart(999, '0'))).toBe(-1);
    await expect(kernel.execute('"next"')).toShow({ result: { 'text/plain': "'next'" } });
  });
});

describe('nothing is lost, and everything is in order', () => {
  let kernel: Kernel;
  beforeAll(async () => {
    kernel = await startSharedKernel();
  });

  test.each([
    ['Python', 'from IPython.display import display\nfor number in range(20_000): display(number)'],
    [
      'Rust',
      '%%rust\nfor number in 0..20_000 {\n' +
        '    println!("EVCXR_BEGIN_CONTENT text/plain\\n{number}\\nEVCXR_END_CONTENT");\n}\nlet shown = 20_000;',
    ],
  ])('20,000 displays of a %s cell', async (_, code) => {
    const messages = await kernel.execute(code).outputMessages();
    expect(messages.map(({ type }) => type).filter((type) => type !== 'display_data')).toEqual([]);
    const shown = messages.map(
      ({ content }) => (content['data'] as Record<string, string>)['text/plain'],
    );
    expect(shown.join() === Array.from({ length: 20_000 }, (__, number) => number).join()).toBe(
      true,
    );
  });

  test.each([
    [
      'Python',
      'import sys\nfor start in range(0, 10_000_000, 100_000):\n' +
        '    sys.stdout.write("".join(f"{n:09d}\\n" for n in range(start, start + 100_000)))',
    ],
    [
      'Python, print by print,',
      'for start in range(0, 10_000_000, 100):\n' +
        '    print("\\n".join([f"{n:09d}" for n in range(start, start + 100)]))',
    ],
    [
      'Rust',
      '%%rust\nuse std::fmt::Write as _;\nuse std::io::Write as _;\nfor start in (0..10_000_000).step_by(10_000) {\n' +
        '    let mut text = String::new();\n' +
        '    for n in start..start + 10_000 { writeln!(text, "{n:09}").unwrap(); }\n' +
        '    std::io::stdout().write_all(text.as_bytes()).unwrap();\n}',
    ],
  ])('100 MB on stdout of a %s cell', async (_, code) => {
    const shown = digest(await kernel.execute(code).outputMessages());
    const expected = createHash('sha256');
    for (let start = 0; start < 10_000_000; start += 100_000) {
      const lines: string[] = [];
      for (let n = start; n < start + 100_000; n++) lines.push(`${String(n).padStart(9, '0')}\n`);
      expected.update(lines.join(''));
    }
    expect(shown).toEqual({ bytes: 100_000_000, sha256: expected.digest('hex') });
  });

  test.each([
    [
      'Python',
      'import sys\nfrom IPython.display import display\nfor n in range(500):\n' +
        '    print(f"out {n}", flush=True)\n    print(f"err {n}", file=sys.stderr, flush=True)\n    display(n)',
    ],
    [
      'Rust',
      '%%rust\nfor n in 0..500 {\n    println!("out {n}");\n    eprintln!("err {n}");\n' +
        '    println!("EVCXR_BEGIN_CONTENT text/plain\\n{n}\\nEVCXR_END_CONTENT");\n}\nlet shown = 500;',
    ],
  ])('stdout, stderr and displays of a %s cell in turn', async (_, code) => {
    const expected = Array.from({ length: 500 }, (__, n) => [
      { stdout: `out ${n}\n` },
      { stderr: `err ${n}\n` },
      { display: { 'text/plain': String(n) } },
    ]);
    expect(await kernel.execute(code).outputs()).toEqual(expected.flat());
  });

  test('threads of a Python cell, and a forked child', async () => {
    const [output, ...rest] = await kernel
      .execute(
        'import os, threading\ndef flood(times):\n    for _ in range(times): print("y" * 99)\n' +
          'threads = [threading.Thread(target=flood, args=[20_000]) for _ in range(2)]\n' +
          'for thread in threads: thread.start()\nfor thread in threads: thread.join()\n' +
          'print(end="", flush=True)\nchild = os.fork()\nif child == 0:\n    flood(100)\n    os._exit(0)\n' +
          '_ = os.waitpid(child, 0)',
      )
      .outputs();
    expect(rest).toEqual([]);
    const { stdout } = output as { stdout: string };
    expect(stdout.replaceAll('\n', '') === 'y'.repeat(99 * 40_100)).toBe(true);
  });
});

describe('a subscriber that is stopped', () => {
  const SUBSCRIBER = `
import sys, zmq
socket = zmq.Context().socket(zmq.SUB)
socket.connect(sys.argv[1])
socket.subscribe(b"")
while True:
    frames = socket.recv_multipart()
    print("heard", frames[0].decode(), b"MARK" in frames[-1], flush=True)
`;
  let child: ChildProcess | undefined;
  afterEach(() => {
    child?.kill('SIGKILL');
  });

  test('holds nobody up for long, loses only what was meant for itself, and hears again', async () => {
    const kernel = await startKernel({ logs: /does not read any more/ });
    child = spawn(PYTHON, ['-c', SUBSCRIBER, kernel.connection.address('iopub')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const heard: string[] = [];
    createInterface({ input: child.stdout! }).on('line', (line) => heard.push(line));
    expect(await untilSome(() => heard)).not.toEqual([]);
    child.kill('SIGSTOP');
    const began = performance.now();
    const run = kernel.execute(
      'import sys\nfor n in range(600): sys.stdout.write(f"{n:09d}\\n" * 10_000)',
    );
    const shown = digest(await run.outputMessages());
    expect(shown.bytes).toBe(60_000_000);
    const took = performance.now() - began;
    // Less would mean that it was not held up at all, and that this test shows nothing.
    expect(took).toBeGreaterThan(9_000);
    // It is waited for once, for 10 s; the output itself took 2 to 3 s.
    expect(took).toBeLessThan(45_000);
    const warnings = kernel.process.takeComplaints().map(({ msg }) => msg);
    expect(warnings).toEqual([expect.stringContaining('does not read any more')]);
    child.kill('SIGCONT');
    // It has to be let in again first, so what is printed at once may not reach it.
    for (const deadline = performance.now() + PATIENCE; performance.now() < deadline;) {
      await kernel.execute('print("MARK")').outputs();
      if (heard.some((line) => line.endsWith('True'))) break;
      await pause(20);
    }
    expect(heard).toContain('heard stream.stdout True');
  });
});
