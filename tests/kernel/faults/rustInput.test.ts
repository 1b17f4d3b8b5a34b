import { readdirSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type Kernel, startKernel, startSharedKernel } from '../../support/kernel';
import type { Request } from '../../support/request';

let kernel: Kernel;
beforeAll(async () => {
  kernel = await startSharedKernel();
  await expect(kernel.execute('%%rust\nlet mut kept = vec![1, 2, 3];')).toShow();
});

function ask(code: string): Request {
  return kernel.execute(`%%rust\n${code}`, { allow_stdin: true });
}

/** Answers one question after the other; resolves with the prompts. */
async function answer(run: Request, ...answers: string[]): Promise<unknown[]> {
  const prompts: unknown[] = [];
  for (const text of answers) {
    const question = await run.question();
    prompts.push(question.content);
    await run.answerWith(text, question);
  }
  return prompts;
}

const NO_PROMPT = { prompt: '', password: false };

test('read_line asks the frontend and gets the line with its end', async () => {
  const run = ask(
    'let mut line = String::new();\nstd::io::stdin().read_line(&mut line).unwrap();\nline',
  );
  expect(await answer(run, 'Grüße 🦀')).toEqual([NO_PROMPT]);
  await expect(run).toShow({ result: { 'text/plain': '"Grüße 🦀\\n"' } });
});

test('a prompt without a line’s end is shown before the question comes', async () => {
  const run = ask(`use std::io::Write;
print!("Your name: ");
std::io::stdout().flush().unwrap();
let mut name = String::new();
std::io::stdin().read_line(&mut name).unwrap();
println!("hello {}", name.trim());`);
  const question = await run.question();
  expect((await run.next()).content).toEqual({ name: 'stdout', text: 'Your name: ' });
  await run.answerWith('Ferris', question);
  await expect(run).toShow({ stdout: 'hello Ferris\n' });
});

test('lines() asks for one line at a time, until an empty answer', async () => {
  const run = ask(`for line in std::io::stdin().lines() {
    println!("<{}>", line.unwrap());
}`);
  expect(await answer(run, 'one', 'two', '')).toEqual([NO_PROMPT, NO_PROMPT, NO_PROMPT]);
  await expect(run).toShow({ stdout: '<one>\n<two>\n' });
});

test('read_to_string takes all answers until an empty one', async () => {
  const run = ask(`use std::io::Read;
let mut text = String::new();
std::io::stdin().read_to_string(&mut text).unwrap();
text`);
  expect(await answer(run, 'first', 'second', '')).toHaveLength(3);
  await expect(run).toShow({ result: { 'text/plain': '"first\\nsecond\\n"' } });
});

test('the functions of evcxr_input ask with their prompt, and hide a password', async () => {
  const run = ask(`:dep evcxr_input = { path = "${evcxrInput()}" }
let name = evcxr_input::get_string("Name?");
let password = evcxr_input::get_password("Password?");
println!("{name} {}", password.len());`);
  expect(await answer(run, 'Ferris', 'secret')).toEqual([
    { prompt: 'Name?', password: false },
    { prompt: 'Password?', password: true },
  ]);
  await run.done();
  const stdout = (await run.outputs()).filter((output) => 'stdout' in output);
  expect(stdout).toEqual([{ stdout: 'Ferris 6\n' }]);
});

test('without allow_stdin a read fails at once with an error that says why', async () => {
  const run = kernel.execute(
    '%%rust\nlet mut line = String::new();\nstd::io::stdin().read_line(&mut line).is_err()',
  );
  await run.done();
  expect(await run.outputs()).toEqual([
    { stderr: expect.stringContaining('reads from stdin') as string },
    { result: { 'text/plain': 'true' } },
  ]);
  const unwrapped = kernel.execute(
    '%%rust\nlet mut line = String::new();\nstd::io::stdin().read_line(&mut line).unwrap();',
  );
  await expect(unwrapped).toFailWith({ ename: 'panic', evalue: /not supported/i });
  expect(await unwrapped.outputs()).toEqual([
    { stderr: expect.stringContaining('reads from stdin') as string },
  ]);
});

test('an interrupt ends the question and keeps the variables; its late answer is not taken for the next one', async () => {
  const first = ask(
    'kept.push(4);\nlet mut line = String::new();\nstd::io::stdin().read_line(&mut line).unwrap();',
  );
  const question = await first.question();
  await expect(kernel.interrupt()).toReplyOk();
  await expect(first).toFailWith({ ename: 'Interrupted', evalue: /values from before the cell/ });
  const second = ask(
    'let mut line = String::new();\nstd::io::stdin().read_line(&mut line).unwrap();\nline',
  );
  const next = await second.question();
  await first.answerWith('too late', question);
  await second.answerWith('right', next);
  await expect(second).toShow({ result: { 'text/plain': '"right\\n"' } });
  await expect(kernel.execute('%%rust\nkept')).toShow({ result: { 'text/plain': '[1, 2, 3]' } });
});

test('a crash while an answer is on its way does not eat the next answer', async () => {
  const flag = path.join(kernel.process.directory, 'crash-now');
  const first = ask(`std::thread::spawn(|| {
    while !std::path::Path::new("${flag}").exists() {}
    std::process::abort();
});
let mut line = String::new();
std::io::stdin().read_line(&mut line).unwrap();`);
  const question = await first.question();
  writeFileSync(flag, '');
  await expect(first).toFailWith({ ename: 'SIGABRT' });
  await first.answerWith('too late', question);
  const second = ask(
    'let mut line = String::new();\nstd::io::stdin().read_line(&mut line).unwrap();\nline',
  );
  expect(await answer(second, 'right')).toEqual([NO_PROMPT]);
  await expect(second).toShow({ result: { 'text/plain': '"right\\n"' } });
});

test('a Python question and a Rust question in turn', async () => {
  const python = kernel.execute('input("from Python")', { allow_stdin: true });
  expect(await answer(python, 'p')).toEqual([{ prompt: 'from Python', password: false }]);
  await expect(python).toShow({ result: { 'text/plain': "'p'" } });
  const rust = ask(
    'let mut line = String::new();\nstd::io::stdin().read_line(&mut line).unwrap();\nline',
  );
  expect(await answer(rust, 'r')).toEqual([NO_PROMPT]);
  await expect(rust).toShow({ result: { 'text/plain': '"r\\n"' } });
});

test('a shutdown while a Rust cell waits for input ends everything in order', async () => {
  const ending = await startKernel();
  const run = ending.execute(
    '%%rust\nlet mut line = String::new();\nstd::io::stdin().read_line(&mut line).unwrap();',
    { allow_stdin: true },
  );
  await run.question();
  await ending.shutdown().reply();
  await expect(run).toFailWith({ ename: 'RustHostError', evalue: 'Rust was shut down' });
  expect(await ending.exit()).toEqual({ code: 0, signal: null });
  ending.takeProblems();
});

/** The crate's source, which evcxr itself depends on. */
function evcxrInput(): string {
  const home = process.env['CARGO_HOME'] ?? path.join(os.homedir(), '.cargo');
  const sources = path.join(home, 'registry/src');
  const found = readdirSync(sources)
    .map((registry) => path.join(sources, registry))
    .flatMap((registry) =>
      readdirSync(registry)
        .filter((name) => name.startsWith('evcxr_input-'))
        .map((name) => path.join(registry, name)),
    );
  if (found[0] === undefined) throw new Error(`evcxr_input is not in ${sources}`);
  return found[0];
}
