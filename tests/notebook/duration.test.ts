import { duration } from '@ferrobook/notebook';

test.each([
  [0, '0.00 ms'],
  [0.4249, '0.42 ms'],
  [1, '1.00 ms'],
  [9.996, '10.0 ms'],
  [12.34, '12.3 ms'],
  [99.96, '100 ms'],
  [152.6, '153 ms'],
  [999.4, '999 ms'],
  [999.6, '1.00 s'],
  [1000, '1.00 s'],
  [12_340, '12.3 s'],
  [99_990, '100 s'],
  [100_000, '1.7 min'],
  [5_400_000, '90.0 min'],
])('%d ms is %s', (ms, text) => {
  expect(duration(ms)).toBe(text);
});
