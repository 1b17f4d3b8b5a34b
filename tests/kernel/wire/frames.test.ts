import { decode, encode } from '../../../kernel/src/wire/frames';
import { MalformedMessageError, parentIdOf } from '../../../kernel/src/wire/message';
import { ReplayGuard, SignatureError, Signer } from '../../../kernel/src/wire/signing';
import { compose, header } from '../../support/wire';

const signer = new Signer('key');
const identity = Buffer.from('client');
const head = header('execute_request', 'session');

function message(content: unknown = {}, buffers: Buffer[] = []): Buffer[] {
  return [identity, ...compose('key', { header: head, content }, buffers)];
}

test('a message is read: identities, header, raw frames, buffers', () => {
  const buffers = [Buffer.from([0, 255]), Buffer.alloc(0)];
  const envelope = decode(message({ code: '1' }, buffers), signer);
  expect(envelope.identities).toEqual([identity]);
  expect(envelope.header).toEqual(head);
  expect(envelope.frames.content.toString()).toBe('{"code":"1"}');
  expect(envelope.buffers).toEqual(buffers);
});

test('what is written is read back', () => {
  const envelope = decode(message({ code: '1' }, [Buffer.from('x')]), signer);
  const written = encode(signer, envelope);
  expect(written).toEqual(message({ code: '1' }, [Buffer.from('x')]));
});

test('the signature does not cover buffers', () => {
  const parts = message({}, [Buffer.from('before')]);
  expect(decode([...parts.slice(0, -1), Buffer.from('after')], signer).buffers).toEqual([
    Buffer.from('after'),
  ]);
});

test('several identities stay in front of the delimiter', () => {
  const parts = [Buffer.from('router'), ...message()];
  expect(decode(parts, signer).identities).toEqual([Buffer.from('router'), identity]);
});

test('a buffer that looks like the delimiter is a buffer', () => {
  const delimiter = Buffer.from('<IDS|MSG>');
  expect(decode(message({}, [delimiter]), signer).buffers).toEqual([delimiter]);
});

test.each([
  ['nothing at all', []],
  ['no delimiter', [identity, Buffer.from('{}')]],
  ['only a delimiter', [Buffer.from('<IDS|MSG>')]],
  ['no content', message().slice(0, -1)],
  ['too many identities', [...Array<Buffer>(17).fill(identity), ...message()]],
])('a message with %s is malformed', (_, parts) => {
  expect(() => decode(parts, signer)).toThrow(MalformedMessageError);
});

test('frames are counted in the complaint', () => {
  expect(() => decode(message().slice(0, -2), signer)).toThrow('3 frames after the delimiter');
});

test('the signature is checked before anything is parsed', () => {
  const parts = compose('another key', { header: Buffer.from('no JSON'), content: {} });
  expect(() => decode(parts, signer)).toThrow(SignatureError);
});

test('a replayed message is refused, but the first is not', () => {
  const replays = new ReplayGuard();
  const parts = message();
  expect(decode(parts, signer, replays).header.msg_id).toBe(head.msg_id);
  expect(() => decode(parts, signer, replays)).toThrow('replayed');
});

test('a forged message does not use up the signature of the real one', () => {
  const replays = new ReplayGuard();
  const real = message();
  const forged = [...real.slice(0, -1), Buffer.from('{"code":"forged"}')];
  expect(() => decode(forged, signer, replays)).toThrow(SignatureError);
  expect(decode(real, signer, replays).header).toEqual(head);
});

test('without a key messages are taken as often as they come', () => {
  const replays = new ReplayGuard();
  const parts = compose('', { header: head, content: {} });
  const open = new Signer('');
  decode(parts, open, replays);
  expect(decode(parts, open, replays).header).toEqual(head);
});

test('the parent of a message is named by its id', () => {
  const parent = { ...head, msg_id: 'parent' };
  const read = (value: unknown): string | undefined =>
    parentIdOf(decode(compose('key', { header: head, parent: value, content: {} }), signer));
  expect(read(parent)).toBe('parent');
  expect(read({})).toBeUndefined();
});
