import pino from 'pino';
import { DropLog } from '../../../kernel/src/sockets/dropLog';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

function logged(): { drops: DropLog; lines: Record<string, unknown>[] } {
  const lines: Record<string, unknown>[] = [];
  const write = (line: string): void => {
    const { channel, reason, count, msg } = JSON.parse(line) as Record<string, unknown>;
    lines.push({ channel, reason, count, msg });
  };
  return { drops: new DropLog(pino({}, { write })), lines };
}

test('a dropped message is logged with its channel and the reason', () => {
  const { drops, lines } = logged();
  drops.note('shell', new Error('wrong signature'));
  expect(lines).toEqual([
    { channel: 'shell', reason: 'wrong signature', msg: 'a message was dropped' },
  ]);
});

test('a flood of dropped messages does not fill the disk; it is counted', () => {
  const { drops, lines } = logged();
  for (let count = 0; count < 5_000; count++) drops.note('control', new Error('no delimiter'));
  expect(lines).toHaveLength(100);
  jest.advanceTimersByTime(10_000);
  expect(lines.slice(100)).toEqual([
    { count: 4_900, msg: 'more messages were dropped without a line for each' },
  ]);
  drops.note('shell', new Error('wrong signature'));
  expect(lines).toHaveLength(102);
});

test('a reason that quotes a long message is cut', () => {
  const { drops, lines } = logged();
  drops.note('shell', new Error('x'.repeat(10_000_000)));
  expect(lines[0]?.['reason']).toBe('x'.repeat(500));
});
