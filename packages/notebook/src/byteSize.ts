/** Bytes as people read them: `24 B`, `1.5 KiB`, `512 MiB`. `unit` is what single bytes are called. */
export function byteSize(bytes: number, unit = 'B'): string {
  const units = [unit, 'KiB', 'MiB', 'GiB', 'TiB'];
  let step = 0;
  let amount = bytes;
  while (amount >= 1024 && step < units.length - 1) {
    amount /= 1024;
    step += 1;
  }
  const digits = step === 0 || amount >= 100 ? 0 : 1;
  return `${amount.toFixed(digits)} ${units[step] ?? ''}`;
}
