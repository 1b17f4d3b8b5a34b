import { type Kernel, startSharedKernel } from '../../support/kernel';
import { plain } from '../../support/matchers';
import { type RunningProcess, untilSome } from '../../support/processes';
import type { Request } from '../../support/request';
import type { Json } from '../../support/wire';

let kernel: Kernel;
beforeAll(async () => {
  kernel = await startSharedKernel({ warmUp: true });
});

function rust(code: string, options: Parameters<Kernel['execute']>[1] = {}): Request {
  return kernel.execute(`%%rust\n${code}`, options);
}

describe('what a cell shows', () => {
  test('the value of a trailing expression', async () => {
    await expect(rust('let a = 20;\na + 1')).toShow({ result: { 'text/plain': '21' } });
    await expect(rust('"größe 🦀"')).toShow({ result: { 'text/plain': '"größe 🦀"' } });
  });

  test('nothing for (), a semicolon, or an item', async () => {
    await expect(rust('()')).toShow();
    await expect(rust('let b = 1;')).toShow();
    await expect(rust('fn twice(n: i32) -> i32 { 2 * n }')).toShow();
    await expect(rust('twice(4)')).toShow({ result: { 'text/plain': '8' } });
  });

  test('stdout and stderr', async () => {
    await expect(rust('println!("out 🦀");')).toShow({ stdout: 'out 🦀\n' });
    await expect(rust('eprintln!("err");')).toShow({ stderr: 'err\n' });
  });

  test('stdout before the value', async () => {
    await expect(rust('print!("no newline"); 7')).toShow(
      { stdout: 'no newline' },
      { result: { 'text/plain': '7' } },
    );
  });

  test('a line that is not finished is there before the cell ends', async () => {
    const run = rust(
      'use std::io::{Read, Write};\nprint!("50 %"); std::io::stdout().flush().unwrap();\n' +
        'let mut line = String::new(); std::io::stdin().read_line(&mut line).unwrap();\nprint!("{line}");',
      { allow_stdin: true },
    );
    expect(await run.nextText('50 %')).toBe('50 %');
    await run.answerWith('typed', await run.question());
    await expect(run).toShow({ stdout: 'typed\n' });
  });

  test('bytes that are no UTF-8', async () => {
    await expect(
      rust('use std::io::Write;\nstd::io::stdout().write_all(b"a\\xffb\\n").unwrap();'),
    ).toShow({ stdout: 'a\ufffdb\n' });
  });

  test('all displays of a cell, each with its MIME types', async () => {
    await expect(
      rust(
        'for i in 0..3 {\n' +
          '    println!("EVCXR_BEGIN_CONTENT text/html\\n<b>{i}</b>\\nEVCXR_END_CONTENT");\n}\n' +
          'let shown = 3;',
      ),
    ).toShow(
      { display: { 'text/html': '<b>0</b>' } },
      { display: { 'text/html': '<b>1</b>' } },
      { display: { 'text/html': '<b>2</b>' } },
    );
  });

  test('a type with an evcxr_display of its own', async () => {
    const outputs = await rust(
      '#[derive(Debug)]\nstruct Page;\nimpl Page {\n    fn evcxr_display(&self) {\n' +
        '        println!("EVCXR_BEGIN_CONTENT text/html\\n<h1>page</h1>\\nEVCXR_END_CONTENT");\n    }\n}\nPage',
    ).outputs();
    expect(outputs).toEqual([
      { result: expect.objectContaining({ 'text/html': '<h1>page</h1>' }) as Json },
    ]);
  });

  test('thousands of lines in order', async () => {
    const [output, ...rest] = await rust('for i in 0..20_000 { println!("{i}"); }').outputs();
    expect(rest).toEqual([]);
    const expected = Array.from({ length: 20_000 }, (_, i) => `${i}\n`).join('');
    expect((output as { stdout: string }).stdout === expected).toBe(true);
  });
});

describe('cells without code', () => {
  test.each([[''], ['\n\n'], ['// only a comment'], ['/* a /* nested */ one */\n// and more']])(
    '%j',
    async (code) => {
      await expect(rust(code)).toShow();
    },
  );

  test('only the marker', async () => {
    await expect(kernel.execute('%%rust')).toShow();
  });

  test('a silent cell', async () => {
    await expect(rust('println!("hidden"); 1', { silent: true })).toShow();
  });
});

test('user_expressions in Rust', async () => {
  const run = rust('let measured = vec![1, 2, 3];', {
    user_expressions: { length: 'measured.len()', wrong: 'nowhere' },
  });
  expect((await run.result())['user_expressions']).toEqual({
    length: { status: 'ok', data: { 'text/plain': '3' }, metadata: {} },
    wrong: expect.objectContaining({ status: 'error', ename: 'E0425' }) as Json,
  });
});

describe('errors', () => {
  test('a type error names its code and the line of the cell, with characters outside of ASCII', async () => {
    const run = rust('let größe = 1;\nlet 名前: i32 = "fünf 🦀";');
    await expect(run).toFailWith({
      ename: 'E0308',
      evalue: 'mismatched types',
      traceback: /3.*let 名前: i32 = "fünf 🦀"/,
    });
    expect(plain(JSON.stringify(await run.result()))).not.toContain('lib.rs');
  });

  test('all diagnostics are in the traceback, in one error', async () => {
    const run = rust('nowhere();\nlet x: i32 = "text";');
    await expect(run).toFailWith({ ename: 'E0425', traceback: /nowhere[^]*mismatched types/ });
  });

  test('a syntax error', async () => {
    await expect(rust('let a = ;')).toFailWith({ ename: /./, traceback: 'let a = ;' });
  });

  test('a panic says what and where, and keeps the variables', async () => {
    await expect(rust('let mut kept = vec![1, 2, 3];')).toShow();
    await expect(rust('\npanic!("on line {}", 3);')).toFailWith({
      ename: 'panic',
      evalue: 'on line 3',
    });
    await expect(rust('kept.len()')).toShow({ result: { 'text/plain': '3' } });
  });

  test('what a cell changed before it panicked stays changed', async () => {
    await expect(rust('let mut list = vec![1];')).toShow();
    await expect(rust('list.push(2); panic!("no");')).toFailWith({ ename: 'panic' });
    await expect(rust('list.len()')).toShow({ result: { 'text/plain': '2' } });
  });

  test('what a cell changed before it was killed is as it was before the cell', async () => {
    await expect(rust('let mut list = vec![1];')).toShow();
    await expect(rust('list.push(2); std::process::abort();')).toFailWith({ ename: /./ });
    await expect(rust('list.len()')).toShow({ result: { 'text/plain': '1' } });
  });

  test.each([
    ['an abort', 'std::process::abort();', /SIGABRT|abort/i],
    ['a segmentation fault', 'unsafe { *(8 as *mut u8) = 1; }', /SIGSEGV|segmentation/i],
    ['exit', 'std::process::exit(3);', /exit/i],
  ])('%s ends the cell, not the variables', async (_, code, ename) => {
    await expect(rust('let survivor = String::from("here");')).toShow();
    const run = rust(code);
    const reply = await run.result();
    expect(`${String(reply['ename'])} ${String(reply['evalue'])}`).toMatch(ename);
    await expect(run).toFailWith({ ename: /./ });
    await expect(rust('survivor.len()')).toShow({ result: { 'text/plain': '4' } });
  });

  test('the ? of an error', async () => {
    await expect(rust('"x".parse::<i32>()?;')).toFailWith({
      ename: /./,
      traceback: 'invalid digit',
    });
  });
});

describe('evcxr commands', () => {
  test(':vars', async () => {
    await expect(rust('let listed: u8 = 1;')).toShow();
    expect(JSON.stringify(await rust(':vars').outputs())).toMatch(/listed.*u8/s);
  });

  test('an unknown command', async () => {
    await expect(rust(':nonsense')).toFailWith({ ename: /./, traceback: /nonsense|command/i });
  });

  test(':quit does not end the kernel', async () => {
    await rust(':quit').outputs();
    await expect(rust('1')).toShow({ result: { 'text/plain': '1' } });
  });

  test(':dep of a small crate shows its progress, and the crate can be used', async () => {
    const outputs = await rust(
      ':dep itoa = "1"\nlet mut buffer = itoa::Buffer::new();\nprintln!("{}", buffer.format(42));',
    ).outputs();
    const text = (name: 'stdout' | 'stderr'): string =>
      outputs
        .map((output) => (name in output ? (output as Record<string, string>)[name] : ''))
        .join('');
    expect(text('stdout')).toBe('42\n');
    expect(plain(text('stderr'))).toContain('itoa');
  });

  test('a crate that does not exist is an error, and the next cell works', async () => {
    const run = rust(':dep ferrobook-no-such-crate = "1"\n1');
    const reply = await run.result();
    expect(plain(JSON.stringify(reply))).toContain('ferrobook-no-such-crate');
    run.takeErrors();
    await run.outputs(); // cargo's progress
    expect(reply['status']).toBe('error');
    await expect(rust('1')).toShow({ result: { 'text/plain': '1' } });
  });
});

test('?Vec opens the pager', async () => {
  const run = rust('?Vec');
  expect((await run.result())['payload']).toEqual([
    expect.objectContaining({
      source: 'page',
      start: 0,
      data: expect.objectContaining({
        'text/plain': expect.stringContaining('struct Vec') as string,
      }) as Json,
    }),
  ]);
  await expect(rust('?nowhere_at_all')).toFailWith({ ename: 'NotFound' });
});

describe('stdin', () => {
  test('a cell that reads a line asks the frontend', async () => {
    const run = rust(
      'let mut name = String::new();\nstd::io::stdin().read_line(&mut name).unwrap();\nname.trim().len()',
      { allow_stdin: true },
    );
    await run.answerWith('Grace', await run.question());
    await expect(run).toShow({ result: { 'text/plain': '5' } });
  });

  test('without allow_stdin a read fails, and the cell says why', async () => {
    const run = rust(
      'let mut nothing = String::new();\nstd::io::stdin().read_line(&mut nothing).unwrap()',
    );
    await expect(run).toFailWith({ ename: 'panic', evalue: 'not supported' });
    expect(await run.outputs()).toEqual([
      { stderr: expect.stringContaining('this cell reads from stdin, which') as string },
    ]);
  });

  test('an interrupt ends the question', async () => {
    const run = rust('std::io::stdin().read_line(&mut String::new()).unwrap();', {
      allow_stdin: true,
    });
    await run.question();
    await expect(kernel.interrupt()).toReplyOk();
    await expect(run).toFailWith({ ename: 'Interrupted' });
  });
});

describe('interrupts', () => {
  test('a running loop', async () => {
    await expect(rust('let before = 41;')).toShow();
    const run = rust('println!("looping"); loop {}');
    await run.nextText('looping\n');
    await expect(kernel.interrupt()).toReplyOk();
    await expect(run).toFailWith({ ename: 'Interrupted' });
    await expect(rust('before + 1')).toShow({ result: { 'text/plain': '42' } });
  });

  test('a sleep', async () => {
    const run = rust(
      'println!("looping"); std::thread::sleep(std::time::Duration::from_secs(1000));',
    );
    await run.nextText('looping\n');
    await expect(kernel.interrupt()).toReplyOk();
    await expect(run).toFailWith({ ename: 'Interrupted' });
  });

  test('a compile', async () => {
    await expect(rust('let compiled = 1;')).toShow();
    // Constant evaluation that would take minutes.
    const run = rust(
      '#![allow(long_running_const_eval)]\n' +
        'const fn count() -> u64 { let mut n = 0; while n < 10_000_000_000 { n += 1; } n }\nconst N: u64 = count();\nN',
    );
    await run.started();
    const compilers = (): RunningProcess[] =>
      kernel.children().filter(({ command }) => command.includes('cargo build'));
    expect(await untilSome(compilers)).not.toEqual([]);
    await expect(kernel.interrupt()).toReplyOk();
    await expect(run).toFailWith({ ename: 'Interrupted' });
    await expect(rust('compiled')).toShow({ result: { 'text/plain': '1' } });
  });
});

test('%restart rust empties Rust and leaves Python alone', async () => {
  await expect(kernel.execute('kept = 1')).toShow();
  await expect(rust('let lost = 1;')).toShow();
  await expect(kernel.execute('%restart rust')).toReplyOk();
  kernel.takeProblems();
  await expect(rust('lost')).toFailWith({ ename: 'E0425' });
  await expect(kernel.execute('kept')).toShow({ result: { 'text/plain': '1' } });
});

test('a host that dies is named, and the next cell gets a new one', async () => {
  const dying = await startSharedKernel({ logs: /^a language ended unexpectedly/ });
  const run = dying.execute('%%rust\nprintln!("going"); loop {}');
  await run.nextText('going\n');
  const host = dying.children().find(({ command }) => command.includes('ferrobook-runtime'));
  process.kill(host?.pid ?? 0, 'SIGKILL');
  await expect(run).toFailWith({
    ename: 'RustHostError',
    evalue: /SIGKILL.*variables and items are lost.*Python keeps everything/s,
  });
  await expect(dying.execute('%%rust\n1')).toShow({ result: { 'text/plain': '1' } });
  await expect(dying.execute('2')).toShow({ result: { 'text/plain': '2' } });
});
