import { CommRegistry } from '../../../kernel/src/session/commRegistry';
import { envelope } from '../../support/envelope';

test('comms are known from their opening to their closing', () => {
  const comms = new CommRegistry();
  for (const id of ['a', 'b', 'c']) {
    comms.observe(envelope('comm_open', { comm_id: id, target_name: 't', data: {} }), 'python');
  }
  comms.observe(envelope('comm_msg', { comm_id: 'a', data: {} }), 'python');
  comms.observe(envelope('comm_close', { comm_id: 'b', data: {} }), 'python');
  expect(comms.drop('python')).toEqual(['a', 'c']);
  expect(comms.drop('python')).toEqual([]);
});

test('a language takes only its own comms along', () => {
  const comms = new CommRegistry();
  comms.observe(envelope('comm_open', { comm_id: 'p', target_name: 't' }), 'python');
  comms.observe(envelope('comm_open', { comm_id: 'r', target_name: 't' }), 'rust');
  expect(comms.drop('rust')).toEqual(['r']);
  expect(comms.drop('python')).toEqual(['p']);
});

test('messages that are not about comms do not matter', () => {
  const comms = new CommRegistry();
  comms.observe(envelope('stream', { name: 'stdout', text: 'comm_open' }), 'python');
  expect(comms.drop('python')).toEqual([]);
});

test('a comm without an id is malformed', () => {
  expect(() => {
    new CommRegistry().observe(envelope('comm_open', { target_name: 't' }), 'python');
  }).toThrow('comm_id');
});
