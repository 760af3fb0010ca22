import { expect, it } from 'vitest';
import { hidePasswords } from './logger.ts';

it.each([
  ['postgres://me:hunter2@db:5432/x', 'postgres://me:***@db:5432/x'],
  [
    '{"msg":"lost redis://:hunter2@cache/0 and postgres://me:hunter2@db/x"}',
    '{"msg":"lost redis://:***@cache/0 and postgres://me:***@db/x"}',
  ],
  ['http://127.0.0.1:3000/docs', 'http://127.0.0.1:3000/docs'],
  ['{"url":"http://127.0.0.1:3000","by":"me@example.org"}', '{"url":"http://127.0.0.1:3000","by":"me@example.org"}'],
])('hides the passwords of connection strings: %s', (text, hidden) => {
  expect(hidePasswords(text)).toBe(hidden);
});
