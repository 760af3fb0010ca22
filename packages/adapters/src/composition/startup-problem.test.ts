import { InvalidCatalogueError, StoreUnavailableError } from '@navette/domain';
import { expect, it } from 'vitest';
import { StartupError } from './startup-error.ts';
import { startupErrorOf } from './startup-problem.ts';

const coded = (code: string, message: string) => Object.assign(new Error(message), { code });

it('says where to look for what waiting cannot mend', () => {
  const problemsOf = (error: unknown) => startupErrorOf(error)?.problems;
  expect(problemsOf(new InvalidCatalogueError('two of one name'))).toEqual(['task types: two of one name']);
  expect(problemsOf(coded('28P01', 'password authentication failed'))).toEqual([
    'DATABASE_URL: password authentication failed',
  ]);
  expect(problemsOf(new StoreUnavailableError('away', { cause: coded('3D000', 'no such database') }))).toEqual([
    'DATABASE_URL: no such database',
  ]);
  expect(problemsOf(coded('42501', 'permission denied for schema navette'))).toEqual([
    'DATABASE_URL: permission denied for schema navette',
  ]);
  expect(problemsOf(new StartupError(['one', 'two']))).toEqual(['one', 'two']);
});

it('leaves alone what may mend itself', () => {
  for (const error of [coded('ECONNREFUSED', 'no'), coded('57P03', 'starting up'), new Error('no'), 'no', undefined]) {
    expect(startupErrorOf(error)).toBeUndefined();
  }
});
