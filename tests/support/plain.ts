/** Text without its ANSI colours. */
export function plain(text: string): string {
  // eslint-disable-next-line no-control-regex -- colours begin with an escape character
  return text.replace(/\x1b\[[0-9;?]*[A-Za-z]/g, '');
}
