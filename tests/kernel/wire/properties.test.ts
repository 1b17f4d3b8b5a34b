import fc from 'fast-check';
import { decode, encode } from '../../../kernel/src/wire/frames';
import {
  checkFrames,
  type Envelope,
  jsonFrame,
  MalformedMessageError,
} from '../../../kernel/src/wire/message';
import { ReplayGuard, SignatureError, Signer } from '../../../kernel/src/wire/signing';
import { compose, signature } from '../../support/wire';

const DELIMITER = Buffer.from('<IDS|MSG>');

const bytes = (maxLength = 40): fc.Arbitrary<Buffer> =>
  fc.uint8Array({ maxLength }).map((array) => Buffer.from(array));

/** Keys as they come, those included that mean something to JavaScript. */
const key = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('__proto__', 'constructor', 'toString', 'msg_id', ''),
);

/** A JSON object as text: as an object, `__proto__` would not survive the trip through it. */
const objectText = fc
  .array(fc.tuple(key, fc.jsonValue({ stringUnit: 'binary' })), { maxLength: 5 })
  .map((entries) => {
    const fields = entries.map(
      ([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`,
    );
    return `{${fields.join(',')}}`;
  });

const objectFrame = objectText.map((text) => Buffer.from(text));

/** A header with fields that the specification does not name. */
const headerFrame = fc
  .tuple(
    objectText,
    fc.record({
      msg_id: fc.string({ unit: 'binary', minLength: 1 }),
      msg_type: fc.string({ unit: 'binary', minLength: 1 }),
      session: fc.string({ unit: 'binary' }),
      username: fc.string({ unit: 'binary' }),
      date: fc.string(),
      version: fc.string(),
    }),
  )
  .map(([extra, named]) => {
    const text = JSON.stringify(named);
    return Buffer.from(extra === '{}' ? text : `${extra.slice(0, -1)},${text.slice(1)}`);
  });

const message = fc.record({
  identities: fc.array(
    bytes().filter((identity) => !identity.equals(DELIMITER)),
    { maxLength: 16 },
  ),
  frames: fc.record({
    header: headerFrame,
    parentHeader: objectFrame,
    metadata: objectFrame,
    content: objectFrame,
  }),
  buffers: fc.array(fc.oneof(bytes(), fc.constant(DELIMITER)), { maxLength: 4 }),
});

const signingKey = fc.oneof(fc.constant(''), fc.string({ unit: 'binary' }), fc.uuid());

/** Frames that look like parts of a message, in any number and order. */
const frame = fc.oneof(
  bytes(),
  fc.constant(DELIMITER),
  fc.constant(Buffer.alloc(0)),
  objectFrame,
  headerFrame,
  fc.jsonValue().map((value) => jsonFrame(value)),
  fc.constant(Buffer.from(`${'['.repeat(100_000)}${']'.repeat(100_000)}`)),
  fc.constant(Buffer.from(`{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`)),
);

/** What is read, or the name of the error; any other error is the property's failure. */
function read(parts: readonly Buffer[], signer?: Signer, replays?: ReplayGuard): Envelope | string {
  try {
    const envelope = decode(parts, signer, replays);
    checkFrames(envelope);
    return envelope;
  } catch (error) {
    if (error instanceof MalformedMessageError || error instanceof SignatureError) {
      return error.name;
    }
    throw error;
  }
}

test('any message is read back as it was written', () => {
  fc.assert(
    fc.property(message, signingKey, (written, secret) => {
      const signer = new Signer(secret);
      const envelope = decode(encode(signer, written), signer, new ReplayGuard());
      checkFrames(envelope);
      expect({
        identities: envelope.identities,
        frames: envelope.frames,
        buffers: envelope.buffers,
      }).toEqual(written);
      expect(encode(signer, envelope)).toEqual(encode(signer, written));
    }),
  );
});

test('any header is read as JSON reads it, but for what JavaScript would take for a prototype', () => {
  fc.assert(
    fc.property(message, (written) => {
      const { header } = decode(encode(new Signer(''), written));
      const fields = Object.entries(JSON.parse(written.frames.header.toString()) as object);
      expect(new Map(Object.entries(header))).toEqual(
        new Map(fields.filter(([name]) => name !== '__proto__')),
      );
      expect(Object.getPrototypeOf(header)).toBe(Object.prototype);
    }),
  );
});

test('what another implementation signs is accepted', () => {
  fc.assert(
    fc.property(message, signingKey, ({ frames, buffers }, secret) => {
      const { header, parentHeader: parent, metadata, content } = frames;
      const parts = compose(secret, { header, parent, metadata, content }, buffers);
      expect(read(parts, new Signer(secret))).toMatchObject({ frames, buffers });
    }),
  );
});

test('any frames at all are a message, malformed or unsigned, and nothing else', () => {
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 24 }), signingKey, (parts, secret) => {
      read(parts);
      read(parts, new Signer(secret), new ReplayGuard());
    }),
    { numRuns: 1_000 },
  );
});

test('any frames that are signed well are a message or malformed', () => {
  fc.assert(
    fc.property(
      fc.array(bytes(), { maxLength: 18 }),
      fc.tuple(frame, frame, frame, frame),
      fc.array(bytes(), { maxLength: 3 }),
      (identities, frames, buffers) => {
        const signed = Buffer.from(signature('secret', frames));
        const parts = [...identities, DELIMITER, signed, ...frames, ...buffers];
        expect(read(parts, new Signer('secret'))).not.toBe('SignatureError');
      },
    ),
    { numRuns: 300 },
  );
});

test('a message with any bit of its signed frames or of its signature flipped is refused', () => {
  const signer = new Signer('secret');
  fc.assert(
    fc.property(message, fc.nat({ max: 4 }), fc.nat(), (written, which, position) => {
      const parts = encode(signer, { ...written, identities: [] });
      const target = parts[1 + which]!;
      const bit = position % (8 * target.length);
      const flipped = Buffer.from(target);
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      const changed = parts.map((part, index) => (index === 1 + which ? flipped : part));
      // Bit 5 is the case of a letter, and hexadecimal digits have none.
      const same = which === 0 && flipped.toString('latin1').toLowerCase() === target.toString();
      const outcome = read(changed, signer);
      if (same) expect(outcome).toMatchObject({ frames: written.frames });
      else expect(outcome).toBe('SignatureError');
    }),
    { numRuns: 1_000 },
  );
});

test('every single bit of one message counts', () => {
  const signer = new Signer('secret');
  const parts = compose('secret', {
    header: { msg_id: '1', msg_type: 'execute_request', session: 's' },
    content: { code: '1' },
  });
  for (let index = 1; index < parts.length; index++) {
    for (let bit = 0; bit < 8 * parts[index]!.length; bit++) {
      const flipped = Buffer.from(parts[index]!);
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      if (flipped.toString('latin1').toLowerCase() === parts[index]!.toString()) continue;
      const changed = parts.map((part, at) => (at === index ? flipped : part));
      expect([index, bit, read(changed, signer)]).toEqual([index, bit, 'SignatureError']);
    }
  }
});

test('a message is taken once, whatever its unsigned parts are the second time', () => {
  const signer = new Signer('secret');
  fc.assert(
    fc.property(
      message,
      fc.array(bytes(), { maxLength: 3 }),
      fc.boolean(),
      (written, buffers, upper) => {
        const replays = new ReplayGuard();
        const parts = encode(signer, { ...written, identities: [] });
        expect(read(parts, signer, replays)).not.toBe('SignatureError');
        const [delimiter, signed, ...frames] = parts as [Buffer, Buffer, ...Buffer[]];
        const again = upper ? Buffer.from(signed.toString().toUpperCase()) : signed;
        const replayed = [
          Buffer.from('other'),
          delimiter,
          again,
          ...frames.slice(0, 4),
          ...buffers,
        ];
        expect(() => decode(replayed, signer, replays)).toThrow('replayed');
      },
    ),
  );
});

describe('JSON that other parsers give up on', () => {
  const parts = (metadata: string): Buffer[] =>
    compose('', {
      header: { msg_id: '1', msg_type: 't', session: 's' },
      metadata: Buffer.from(metadata),
      content: {},
    });
  const nested = (levels: number): string => `{"a":${'['.repeat(levels)}${']'.repeat(levels)}}`;

  test('a frame of 256 levels is fit to be passed on, one of 257 is not', () => {
    expect(read(parts(nested(255)))).toMatchObject({ header: { msg_id: '1' } });
    expect(() => checkFrames(decode(parts(nested(256))))).toThrow(
      'metadata is nested more than 256 levels deep',
    );
  });

  test('objects count as arrays do', () => {
    const text = `${'{"a":'.repeat(300)}1${'}'.repeat(300)}`;
    expect(read(parts(text))).toBe('MalformedMessageError');
  });

  test('siblings are not levels, and brackets inside strings are none', () => {
    const texts = [
      `{"a":[${'[],'.repeat(2_000)}[]]}`,
      `{"a":"${'['.repeat(2_000)}"}`,
      `{"a":"\\"${'['.repeat(2_000)}\\\\"}`,
    ];
    for (const text of texts) expect(read(parts(text))).toMatchObject({ header: { msg_id: '1' } });
  });

  test('any JSON has the depth that a recursive parser finds', () => {
    const deep = (value: unknown): number =>
      typeof value === 'object' && value !== null
        ? 1 + Math.max(0, ...Object.values(value).map(deep))
        : 0;
    const wrapped = fc
      .tuple(
        fc.jsonValue({ stringUnit: 'binary', maxDepth: 6 }),
        fc.integer({ min: 245, max: 256 }),
      )
      .map(([value, levels]) => {
        const json = JSON.stringify(value);
        return `{"a":${'['.repeat(levels - 1)}${json}${']'.repeat(levels - 1)}}`;
      });
    fc.assert(
      fc.property(wrapped, (text) => {
        const accepted = typeof read(parts(text)) !== 'string';
        expect(accepted).toBe(deep(JSON.parse(text)) <= 256);
      }),
    );
  });
});
