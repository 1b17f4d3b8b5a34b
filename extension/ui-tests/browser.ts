import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

/** Where systems keep Chromium or Chrome; the tests bring no browser of their own. */
const PATHS = [
  ...(process.env['FERROBOOK_TEST_BROWSER'] === undefined
    ? []
    : [process.env['FERROBOOK_TEST_BROWSER']]),
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** Starts a browser without a window. */
export async function launchBrowser(): Promise<Browser> {
  const executablePath = PATHS.find((path) => existsSync(path));
  if (executablePath === undefined) {
    throw new Error(`The browser tests need Chromium or Chrome: apt-get install chromium`);
  }
  return chromium.launch({
    executablePath,
    // Without a sandbox it runs as root, as continuous integration does.
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  });
}
