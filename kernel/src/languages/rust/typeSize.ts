/** Bytes of the types that need no look at a value, on the 64-bit systems that the kernel runs on. */
const SIZES: Readonly<Record<string, number>> = {
  '()': 0,
  bool: 1,
  char: 4,
  u8: 1,
  u16: 2,
  u32: 4,
  u64: 8,
  u128: 16,
  usize: 8,
  i8: 1,
  i16: 2,
  i32: 4,
  i64: 8,
  i128: 16,
  isize: 8,
  f32: 4,
  f64: 8,
  // The address and the length; the text belongs to the program.
  '&str': 16,
};

/**
 * The bytes that a value of a Rust type takes, where the type alone says it: numbers and the like, and arrays of them.
 * What owns memory elsewhere has to be asked.
 */
export function typeSize(type: string): number | undefined {
  if (Object.hasOwn(SIZES, type)) return SIZES[type];
  const array = /^\[(.+); (\d+)\]$/.exec(type);
  if (array === null) return undefined;
  const element = typeSize(array[1] ?? '');
  return element === undefined ? undefined : element * Number(array[2]);
}
