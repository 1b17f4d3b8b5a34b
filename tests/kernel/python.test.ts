import { type Kernel, startSharedKernel } from '../support/kernel';

let kernel: Kernel;

beforeAll(async () => {
  kernel = await startSharedKernel();
});

test('an expression shows its value', async () => {
  await expect(kernel.execute('1 + 1')).toShow({ result: { 'text/plain': '2' } });
});

test('an error', async () => {
  await expect(kernel.execute('1 / 0')).toFailWith({ ename: 'ZeroDivisionError' });
});
