import {
  jsonFrame,
  MalformedMessageError,
  newHeader,
  parseHeader,
  parseObject,
} from '../../../kernel/src/wire/message';

test('a new header has all that the specification asks for', () => {
  const made = newHeader('status', 'session');
  expect(made).toEqual({
    msg_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    msg_type: 'status',
    session: 'session',
    username: 'ferrobook',
    date: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    version: '5.5',
  });
  expect(newHeader('status', 'session').msg_id).not.toBe(made.msg_id);
});

test('fields that the specification does not know stay in a header', () => {
  const header = { ...newHeader('status', 's'), subshell_id: null, extra: [1] };
  expect(parseHeader(jsonFrame(header))).toEqual(header);
});

test('what old clients leave out of a header becomes empty', () => {
  const header = parseHeader(jsonFrame({ msg_id: '1', msg_type: 'status', session: 's' }));
  expect(header).toMatchObject({ username: '', date: '', version: '' });
});

test.each([
  ['no JSON', Buffer.from('{'), 'header is not JSON'],
  ['an array', jsonFrame([]), 'header is not a JSON object'],
  ['null', jsonFrame(null), 'header is not a JSON object'],
  ['no msg_type', jsonFrame({ msg_id: '1', session: 's' }), 'msg_type'],
  ['an empty msg_id', jsonFrame({ msg_id: '', msg_type: 't', session: 's' }), 'msg_id'],
  ['a number as session', jsonFrame({ msg_id: '1', msg_type: 't', session: 1 }), 'session'],
])('a header that is or has %s is malformed', (_, frame, complaint) => {
  expect(() => parseHeader(frame)).toThrow(MalformedMessageError);
  expect(() => parseHeader(frame)).toThrow(complaint);
});

test('text outside of ASCII travels as UTF-8', () => {
  const frame = jsonFrame({ code: 'größe = "🦀"' });
  expect(parseObject(frame, 'content')).toEqual({ code: 'größe = "🦀"' });
});
