import { createHmac } from 'node:crypto';
import { ReplayGuard, SignatureError, Signer } from '../../../kernel/src/wire/signing';

const frames = ['{"msg_id":"1"}', '{}', '{}', '{"code":"π"}'].map((text) => Buffer.from(text));
const signer = new Signer('secret');
const signature = Buffer.from(signer.sign(frames));

test('the signature is the HMAC-SHA256 of the frames one after the other', () => {
  const expected = createHmac('sha256', 'secret').update(Buffer.concat(frames)).digest('hex');
  expect(signature.toString()).toBe(expected);
});

test('a message is accepted with its own signature', () => {
  expect(() => {
    signer.verify(frames, signature);
  }).not.toThrow();
});

test.each([
  ['of another key', Buffer.from(new Signer('other').sign(frames))],
  ['of other frames', Buffer.from(signer.sign(frames.slice(1)))],
  ['cut short', signature.subarray(0, 62)],
  ['not hexadecimal', Buffer.from('z'.repeat(64))],
  ['binary', Buffer.from(signature.toString(), 'hex')],
])('a signature %s is refused', (_, wrong) => {
  expect(() => {
    signer.verify(frames, wrong);
  }).toThrow(SignatureError);
});

test('a message without a signature is refused, and called unsigned', () => {
  expect(() => {
    signer.verify(frames, Buffer.alloc(0));
  }).toThrow('the message is unsigned');
});

test('a changed frame is refused', () => {
  const changed = [...frames.slice(0, 3), Buffer.from('{"code":"p"}')];
  expect(() => {
    signer.verify(changed, signature);
  }).toThrow('wrong signature');
});

test('an empty key signs nothing and accepts anything', () => {
  const open = new Signer('');
  expect(open.enabled).toBe(false);
  expect(open.sign(frames)).toBe('');
  expect(() => {
    open.verify(frames, Buffer.from('anything'));
  }).not.toThrow();
});

test('a signature is admitted once, in upper case too', () => {
  const guard = new ReplayGuard();
  guard.admit(signature);
  expect(() => {
    guard.admit(signature);
  }).toThrow(SignatureError);
  expect(() => {
    guard.admit(Buffer.from(signature.toString().toUpperCase()));
  }).toThrow('replayed');
});

test('the guard forgets the oldest signature first, after 65536', () => {
  const guard = new ReplayGuard();
  const numbered = (number: number): Buffer => Buffer.from(`signature ${number}`);
  for (let number = 0; number <= 65_536; number++) guard.admit(numbered(number));
  expect(() => {
    guard.admit(numbered(1));
  }).toThrow(SignatureError);
  expect(() => {
    guard.admit(numbered(0));
  }).not.toThrow();
});

/** What follows 64 digits was ignored by the comparison, but not by the memory of signatures. */
test('a message is not accepted again with something behind its signature', () => {
  expect(() => {
    signer.verify(frames, Buffer.concat([signature, Buffer.from('z')]));
  }).toThrow(SignatureError);
});
