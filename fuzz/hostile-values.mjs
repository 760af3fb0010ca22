// What careless and hostile clients send in the place of a value.
import { Entries, Raw } from './json-text.mjs';

/** @typedef {import('../chaos/random.mjs').Chance} Chance */

const lengths = [1, 63, 64, 65, 128, 129, 255, 256, 1_024, 1_025, 5_000, 70_000];

const texts = [
  ...['', ' ', '\t', 'null', 'undefined', 'NaN', 'true', '0', '-1', '1.5', '1e3', '0x10', '9'.repeat(400), '[]', '{}'],
  ...[
    '../../etc/passwd',
    '..\\..\\x',
    '/',
    '.',
    '..',
    '%00',
    '%',
    '%zz',
    '%c0%ae',
    '%E0%A4%A',
    'a/b',
    'a?b',
    'a#b',
    'a&b=c',
  ],
  ...[
    `' or '1'='1`,
    '"; drop table tasks; --',
    '$1',
    '{{7*7}}',
    '<script>alert(1)</script>',
    '%s%s%n',
    '`id`',
    '$(id)',
  ],
  ...[
    '\0',
    'a\0b',
    '\ud800',
    'x\udc00',
    '\ud83d',
    '\u202e',
    '\ufeff',
    '\u2028',
    '\uffff',
    'e\u0301',
    '👩‍👩‍👧‍👦',
    'ﷺ',
    'ß',
    'İ',
  ],
  ...['\r\n', 'a\r\nX-Injected: 1', 'a\nb', '\u001b[2J', '\x7f', '\\', '"', '""', "'", ',', ';', '=', '*', '"unclosed'],
  ...['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'length', 'then', 'default', 'demo.echo'],
  ...['0000-00-00T00:00:00Z', '2026-02-30T00:00:00Z', '2026-01-01T24:00:00Z', '2026-01-01', '+275760-09-13T00:00:00Z'],
  ...[
    '9999-12-31T23:59:59.999Z',
    '1970-01-01T00:00:00Z',
    '2026-01-01T00:00:00.000000001Z',
    '2026-01-01T00:00:00+23:59',
  ],
  ...[
    '00000000-0000-0000-0000-000000000000',
    'ffffffff-ffff-ffff-ffff-ffffffffffff',
    '{01a20cd2-67fe-7309-8b8b-b2bfeec8fe57}',
  ],
];

/** A text. @param {Chance} chance */
export function hostileText(chance) {
  const kind = chance.between(0, 9);
  if (kind < 7) return chance.pick(texts);
  if (kind === 7) return chance.pick(['x', 'é', '\0', '👍', '"', '%', '[', '\ud800']).repeat(chance.pick(lengths));
  const units = Array.from(
    { length: chance.between(1, 40) },
    () => chance.pick([0x7f, 0xff, 0xffff]) & chance.between(0, 0xffff),
  );
  return String.fromCharCode(...units);
}

const numbers = [
  ...[
    '0',
    '-0',
    '1',
    '-1',
    '0.5',
    '1.5',
    '-0.0',
    '1e0',
    '1E2',
    '0.1e1',
    '5e-324',
    '1e-400',
    '1e400',
    '-1e400',
    '1e308',
  ],
  ...[
    '2147483647',
    '2147483648',
    '-2147483649',
    '4294967296',
    '9007199254740991',
    '9007199254740993',
    '9223372036854775808',
  ],
  ...[
    '31536000000',
    '31536000001',
    '50',
    '51',
    '60',
    '61',
    '1000',
    '1001',
    '123456789012345678901234567890',
    '3'.repeat(1_000),
  ],
];

/** No JSON at all. */
const tokens = [
  'NaN',
  'Infinity',
  'undefined',
  '01',
  '+1',
  '.5',
  '1.',
  '0x1',
  "'a'",
  'tru',
  '/**/1',
  '"\n"',
  '"\\x"',
  '"\\ud8"',
  '',
];

/** A number, in JSON. @param {Chance} chance */
export function hostileNumber(chance) {
  return new Raw(chance.pick(numbers));
}

/** Any value. @param {Chance} chance */
export function hostileJson(chance, depth = 0) {
  switch (chance.between(0, depth > 3 ? 5 : 9)) {
    case 0:
    case 1:
      return hostileText(chance);
    case 2:
    case 3:
      return hostileNumber(chance);
    case 4:
      return chance.pick([null, true, false, [], new Entries([])]);
    case 5:
      return chance.between(0, 9) === 0 ? new Raw(chance.pick(tokens)) : chance.pick([null, 0, '']);
    case 6:
    case 7:
      return Array.from({ length: chance.between(0, 5) }, () => hostileJson(chance, depth + 1));
    case 8:
      return nested(chance, chance.pick([2, 30, 61, 62, 63, 64, 65, 100, 5_000]));
    default:
      return new Entries(
        Array.from({ length: chance.between(0, 5) }, () => [hostileText(chance), hostileJson(chance, depth + 1)]),
      );
  }
}

function nested(chance, depth) {
  const [open, close] = chance.pick([
    ['[', ']'],
    ['{"a":', '}'],
    ['[[],', ']'],
  ]);
  return new Raw(`${open.repeat(depth)}0${close.repeat(chance.between(0, 9) === 0 ? depth - 1 : depth)}`);
}
