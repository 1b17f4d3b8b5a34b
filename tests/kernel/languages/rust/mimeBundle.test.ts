import { mimeBundle } from '../../../../kernel/src/languages/rust/mimeBundle';

test('types of JSON carry the value, all others the text', () => {
  const printed = {
    'text/plain': '{"a": 1}',
    'image/svg+xml': '<svg/>',
    'application/json': '{"a": 1}',
    'application/geo+json': '[1, null]',
  };
  expect(mimeBundle(printed)).toEqual({
    'text/plain': '{"a": 1}',
    'image/svg+xml': '<svg/>',
    'application/json': { a: 1 },
    'application/geo+json': [1, null],
  });
});

test('broken JSON stays text, so that its author sees it', () => {
  expect(mimeBundle({ 'application/json': '{"a"' })).toEqual({ 'application/json': '{"a"' });
});
