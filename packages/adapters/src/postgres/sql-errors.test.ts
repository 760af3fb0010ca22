import { StoreUnavailableError, TaskNotFoundError } from '@navette/domain';
import { describe, expect, test } from 'vitest';
import { DeadlineError, isHopeless, SchemaNewerError, toDomainError, verdictOf } from './sql-errors.ts';

const withCode = (code: string, message = 'insert into secret') => Object.assign(new Error(message), { code });

describe('what an error means', () => {
  test.each([
    ['22P02', 'refused'],
    ['22021', 'refused'],
    ['23502', 'refused'],
    ['54001', 'refused'],
    ['55P03', 'blocked'],
    ['40P01', 'blocked'],
    ['40001', 'blocked'],
    ['57P01', 'lost'],
    ['08006', 'lost'],
    ['ECONNRESET', 'lost'],
    ['EPIPE', 'lost'],
    ['ECONNREFUSED', 'failed'],
    ['53300', 'failed'],
    ['57014', 'failed'],
    ['42P01', 'failed'],
  ])('%s: %s', (code, verdict) => {
    expect(verdictOf(withCode(code))).toBe(verdict);
  });

  test('a connection that breaks has no code', () => {
    expect(verdictOf(new Error('Connection terminated unexpectedly'))).toBe('lost');
    expect(verdictOf(new DeadlineError(900))).toBe('failed');
  });

  test.each(['08006', '53300', '57014', '57P03', '55P03', '40001', '42P01', '28P01', 'ECONNREFUSED', 'ENOTFOUND'])(
    '%s: the store is away, and nobody is told the statement',
    (code) => {
      const error = toDomainError(withCode(code));
      expect(error).toBeInstanceOf(StoreUnavailableError);
      expect(error.message).not.toContain('secret');
      expect(error.cause).toMatchObject({ code });
    },
  );

  test.each(['22P02', '42601', '23505'])('%s: the store is there, and nobody is told the statement', (code) => {
    const error = toDomainError(withCode(code));
    expect(error).not.toBeInstanceOf(StoreUnavailableError);
    expect(error.message).not.toContain('secret');
  });

  test('errors of the domain and mistakes in the code stay what they are', () => {
    const notFound = new TaskNotFoundError('a');
    expect(toDomainError(notFound)).toBe(notFound);
    const mistake = new TypeError('undefined is not a function');
    expect(toDomainError(mistake)).toBe(mistake);
    expect(toDomainError(new DeadlineError(1))).toBeInstanceOf(StoreUnavailableError);
  });

  test('waiting does not mend credentials, a missing database, a newer schema', () => {
    for (const code of ['28P01', '28000', '3D000']) expect(isHopeless(withCode(code))).toBe(true);
    expect(isHopeless(new SchemaNewerError('navette', '0002'))).toBe(true);
    expect(isHopeless(new Error('SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string'))).toBe(true);
    for (const code of ['57P03', 'ECONNREFUSED', '53300']) expect(isHopeless(withCode(code))).toBe(false);
  });
});
