/** How often the parent is looked for, in milliseconds. */
const INTERVAL = 1_000;

/**
 * Calls `onGone` once the process that started this kernel is gone, SIGKILL included. Like ipykernel, a kernel watches
 * only where jupyter_client asks for it by `JPY_PARENT_PID`: one that was started by hand outlives its shell.
 */
export function watchParent(onGone: () => void): void {
  if (process.env['JPY_PARENT_PID'] === undefined) return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    onGone();
  }, INTERVAL);
  timer.unref();
}
