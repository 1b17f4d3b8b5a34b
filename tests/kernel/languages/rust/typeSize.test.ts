import { typeSize } from '../../../../kernel/src/languages/rust/typeSize';

test.each([
  ['i32', 4],
  ['f64', 8],
  ['u128', 16],
  ['()', 0],
  ['&str', 16],
  ['[f32; 1000]', 4000],
  ['[[u8; 3]; 2]', 6],
])('%s takes %d bytes', (type, bytes) => {
  expect(typeSize(type)).toBe(bytes);
});

test.each([
  'Vec<i32>',
  'String',
  'Point',
  '(u8, u32)',
  '[String; 2]',
  'Box<u8>',
  '[u8; N]',
  'toString',
])('of %s a value has to be asked', (type) => {
  expect(typeSize(type)).toBeUndefined();
});
