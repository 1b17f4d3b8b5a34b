import { startKernel, startSharedKernel, type Kernel } from '../../support/kernel';

describe('without Python', () => {
  let kernel: Kernel;
  beforeAll(async () => {
    kernel = await startSharedKernel({
      python: '/nonexistent/python',
      logs: /^Python did not start|^a request failed/,
    });
  });

  test('kernel_info says what is wrong', async () => {
    await expect(kernel.kernelInfo()).toReplyOk({
      banner: expect.stringContaining('/nonexistent/python does not run') as string,
      debugger: false,
      supported_features: [],
    });
  });

  test('a Python cell fails and says what to do', async () => {
    await expect(kernel.execute('1 + 1')).toFailWith({
      ename: 'PythonUnavailable',
      evalue: /\/nonexistent\/python does not run.*Reinstall the kernel/s,
    });
  });

  test('a Rust cell works', async () => {
    await expect(kernel.execute('%%rust\n1 + 1')).toShow({ result: { 'text/plain': '2' } });
  });

  test('a misspelt marker and a %%magic do not hang', async () => {
    await expect(kernel.execute('%%rsut\n1')).toFailWith({ ename: 'PythonUnavailable' });
  });

  test('completion and history answer with an error', async () => {
    expect(await kernel.complete('le').result()).toMatchObject({ status: 'error' });
    expect(await kernel.history({ hist_access_type: 'tail', n: 1 }).result()).toMatchObject({
      status: 'error',
    });
  });
});

test('without the Rust programs a Rust cell says what is missing and what to do, and Python works', async () => {
  const kernel = await startKernel({
    runtime: '/nonexistent/runtime',
    warmUp: true,
    logs: /^the Rust host did not start/,
  });
  const rust = kernel.execute('%%rust\n1');
  await expect(rust).toFailWith({
    ename: 'RustUnavailable',
    evalue: /\/nonexistent\/runtime\/ferrobook-runtime is missing\. Install/,
  });
  await expect(kernel.execute('1 + 1')).toShow({ result: { 'text/plain': '2' } });
  await expect(kernel.execute('%%rust\n2')).toFailWith({ ename: 'RustUnavailable' });
  expect(await kernel.complete('%%rust\nVec::').result()).toMatchObject({ matches: [] });
});

test('without cargo a Rust cell says how to install it, and Python works', async () => {
  const kernel = await startKernel({
    env: { PATH: '/nonexistent', CARGO_HOME: '/nonexistent' },
  });
  const rust = kernel.execute('%%rust\n1');
  await expect(rust).toFailWith({ ename: 'ToolchainMissing', evalue: /cargo.*rustup\.rs/s });
  await expect(kernel.execute('1 + 1')).toShow({ result: { 'text/plain': '2' } });
});
