import pino from 'pino';
import { InputBroker } from '../../../kernel/src/session/inputBroker';
import { Publisher } from '../../../kernel/src/session/publisher';
import type { Outgoing } from '../../../kernel/src/session/transport';
import { RustLanguage } from '../../../kernel/src/languages/rust/rustLanguage';
import { envelope } from '../../support/envelope';
import type { Header } from '../../support/wire';

const question = { prompt: 'Name: ', password: false };
const request = envelope('execute_request', {}, { identity: 'asker' });

let asked: Outgoing[];
let answers: (string | undefined)[];
let broker: InputBroker;
let language: RustLanguage;

beforeEach(() => {
  asked = [];
  answers = [];
  const log = pino({ level: 'silent' });
  broker = new InputBroker(
    new Publisher({
      send: (_, message) => asked.push(message),
      publish: () => undefined,
      room: () => Promise.resolve(),
    }),
    log,
  );
  language = new RustLanguage(
    { runtime: '', directory: '' },
    { onDeath: () => undefined, onState: () => undefined, room: () => Promise.resolve() },
    log,
  );
  jest.spyOn(language, 'input').mockImplementation((value) => void answers.push(value));
});

function reply(value: string, extra: { identity?: string; parent?: Header } = {}): void {
  broker.answer(envelope('input_reply', { value }, { identity: 'asker', ...extra }));
}

/** The header of the question that was sent `index`th. */
function header(index: number): Header {
  return JSON.parse(String(asked[index]?.frames.header)) as Header;
}

test('a question goes to the client whose cell asks, and its answer to the language', () => {
  broker.ask(language, request, question, true);
  expect(asked[0]?.identities).toEqual(request.identities);
  expect(asked[0]?.frames.parentHeader).toEqual(request.frames.header);
  expect(JSON.parse(String(asked[0]?.frames.content))).toEqual(question);
  reply('Ada', { parent: header(0) });
  expect(answers).toEqual(['Ada']);
});

test('without allow_stdin the language learns at once that nobody will answer', () => {
  broker.ask(language, request, question, false);
  expect(asked).toEqual([]);
  expect(answers).toEqual([undefined]);
});

test('an answer of another client is discarded', () => {
  broker.ask(language, request, question, true);
  reply('intruder', { identity: 'somebody else' });
  reply('Ada');
  expect(answers).toEqual(['Ada']);
});

test('an answer that nobody waits for is discarded', () => {
  reply('too early');
  broker.ask(language, request, question, true);
  reply('in time');
  reply('twice');
  broker.ask(language, request, question, true);
  broker.forget();
  reply('too late');
  expect(answers).toEqual(['in time']);
});

/** The dialogue of an interrupted cell was still open in the browser and answered the next cell's question. */
test('an answer to an earlier question is not taken for one to the present question', () => {
  broker.ask(language, request, question, true);
  broker.forget();
  broker.ask(language, request, question, true);
  reply('to the first', { parent: header(0) });
  expect(answers).toEqual([]);
  reply('to the second', { parent: header(1) });
  expect(answers).toEqual(['to the second']);
});
