/** Cells that run until the test lets them go, so that what is to be seen meanwhile has all the time that it takes. */

/** Python that waits for a file beside the notebook. */
export function heldPython(file: string): string {
  return [
    'import os, time',
    `while not os.path.exists(${JSON.stringify(file)}):`,
    '    time.sleep(0.01)',
  ].join('\n');
}

/** Rust that does. */
export function heldRust(file: string): string {
  return [
    `while !std::path::Path::new(${JSON.stringify(file)}).exists() {`,
    '    std::thread::sleep(std::time::Duration::from_millis(10));',
    '}',
  ].join('\n');
}
