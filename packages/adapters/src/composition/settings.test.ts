import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeVariables, readSettings } from './settings.ts';
import { StartupError } from './startup-error.ts';
import { healthPort, keysBeyondLoopback, required, variables } from './variables.ts';

const problemsOf = (read: () => unknown): readonly string[] => {
  try {
    read();
  } catch (error) {
    if (error instanceof StartupError) return error.problems;
    throw error;
  }
  return [];
};
const problems = (environment: Record<string, string>) =>
  problemsOf(() => readSettings(environment, variables, [keysBeyondLoopback]));

describe('settings', () => {
  it('have the documented defaults', () => {
    expect(readSettings({}, variables)).toEqual({
      HOST: '127.0.0.1',
      PORT: 3000,
      DATABASE_URL: undefined,
      REDIS_URL: undefined,
      NAVETTE_DATA_DIR: '.navette',
      NAVETTE_QUEUES: { '*': 50 },
      NAVETTE_TASKS: undefined,
      NAVETTE_API_KEYS: undefined,
      NAVETTE_HTTP_ALLOW: undefined,
      NAVETTE_MAX_BODY_BYTES: 1_048_576,
      NAVETTE_RETENTION_DAYS: undefined,
      NAVETTE_IDEMPOTENCY_DAYS: 7,
      NAVETTE_SHUTDOWN_MS: 25_000,
      LOG_LEVEL: 'info',
    });
  });

  it('count an empty variable as unset', () => {
    const environment = Object.fromEntries(Object.keys(variables).map((name) => [name, '']));
    expect(readSettings(environment, variables)).toEqual(readSettings({}, variables));
    expect(readSettings({ PORT: '' }, { PORT: healthPort })).toEqual({ PORT: undefined });
  });

  it('are read from their texts', () => {
    const settings = readSettings(
      {
        PORT: '0',
        NAVETTE_QUEUES: 'default:50, media:2,*:1',
        NAVETTE_API_KEYS: 'ci:with:colon-12345,me:another-secret,me:newer-secret',
        NAVETTE_HTTP_ALLOW: '127.0.0.0/8,::1/128,10.0.0.5,fd00::1',
        NAVETTE_RETENTION_DAYS: '30',
      },
      variables,
    );
    expect(settings).toMatchObject({
      PORT: 0,
      NAVETTE_QUEUES: { default: 50, media: 2, '*': 1 },
      NAVETTE_API_KEYS: [
        { name: 'ci', secret: 'with:colon-12345' },
        { name: 'me', secret: 'another-secret' },
        { name: 'me', secret: 'newer-secret' },
      ],
      NAVETTE_HTTP_ALLOW: ['127.0.0.0/8', '::1/128', '10.0.0.5/32', 'fd00::1/128'],
      NAVETTE_RETENTION_DAYS: 30,
    });
  });

  it.each([
    ['PORT', '65536'],
    ['PORT', '3e3'],
    ['PORT', '-1'],
    ['NAVETTE_QUEUES', 'default'],
    ['NAVETTE_QUEUES', 'default:0'],
    ['NAVETTE_QUEUES', 'de fault:1'],
    ['NAVETTE_QUEUES', 'default:1,default:2'],
    ['NAVETTE_QUEUES', 'default:1,'],
    ['NAVETTE_HTTP_ALLOW', '127.0.0.0/33'],
    ['NAVETTE_HTTP_ALLOW', 'example.org'],
    ['NAVETTE_HTTP_ALLOW', '10.0.0.0/8/8'],
    ['NAVETTE_MAX_BODY_BYTES', '0'],
    ['NAVETTE_RETENTION_DAYS', '0'],
    ['NAVETTE_IDEMPOTENCY_DAYS', '1.5'],
    ['NAVETTE_SHUTDOWN_MS', '25s'],
    ['LOG_LEVEL', 'loud'],
  ])('refuse %s=%s in one line that names the variable and repeats the value', (name, value) => {
    const [line, ...more] = problems({ [name]: value });
    expect(more).toEqual([]);
    expect(line).toMatch(new RegExp(`^${name} [^\n]+$`));
    expect(line).toContain(value);
  });

  it.each([
    ['DATABASE_URL', 'mysql://me:hidden-secret@db/x'],
    ['DATABASE_URL', 'hidden-secret'],
    ['REDIS_URL', 'http://me:hidden-secret@cache'],
    ['NAVETTE_API_KEYS', 'hidden-secret'],
    ['NAVETTE_API_KEYS', 'me:hidden-secret,you:hidden-secret'],
  ])('refuse %s=%s without repeating the secret', (name, value) => {
    const [line, ...more] = problems({ [name]: value });
    expect(more).toEqual([]);
    expect(line).toMatch(new RegExp(`^${name} `));
    expect(line).not.toContain('hidden-secret');
  });

  it('report every problem at once', () => {
    expect(problems({ PORT: 'x', LOG_LEVEL: 'y' })).toHaveLength(2);
    expect(problemsOf(() => readSettings({}, { DATABASE_URL: required(variables.DATABASE_URL) }))).toEqual([
      'DATABASE_URL must be set',
    ]);
  });

  it('ask for keys beyond loopback', () => {
    for (const HOST of ['127.0.0.1', '127.1.2.3', '::1', 'localhost']) expect(problems({ HOST })).toEqual([]);
    for (const HOST of ['0.0.0.0', '::', '192.168.1.1', '127.example.org']) {
      expect(problems({ HOST })).toEqual([expect.stringContaining('NAVETTE_API_KEYS must be set')]);
      expect(problems({ HOST, NAVETTE_API_KEYS: 'me:long-secret' })).toEqual([]);
    }
  });

  it('are described for people, one line each', () => {
    const lines = describeVariables(variables).split('\n');
    expect(lines).toHaveLength(Object.keys(variables).length);
    expect(lines.find((line) => line.includes('DATABASE_URL'))).toContain('DATABASE_URL_FILE');
    expect(lines.find((line) => line.includes('PORT'))).toContain('default 3000');
  });
});

describe('a secret from a file', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'navette-settings-'));
    writeFileSync(join(folder, 'keys'), 'me:secret-from-file\n');
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('is read without its line end', () => {
    const settings = readSettings({ NAVETTE_API_KEYS_FILE: join(folder, 'keys') }, variables);
    expect(settings.NAVETTE_API_KEYS).toEqual([{ name: 'me', secret: 'secret-from-file' }]);
  });

  it('is refused beside the variable itself, and where the file cannot be read', () => {
    const file = join(folder, 'keys');
    expect(problems({ NAVETTE_API_KEYS_FILE: file, NAVETTE_API_KEYS: 'me:long-secret' })).toEqual([
      'NAVETTE_API_KEYS and NAVETTE_API_KEYS_FILE are both set: one of them is enough',
    ]);
    expect(problems({ DATABASE_URL_FILE: join(folder, 'absent') })).toEqual([
      expect.stringMatching(/^DATABASE_URL_FILE cannot be read: ENOENT/),
    ]);
  });

  it('is a matter of secrets alone', () => {
    expect(readSettings({ PORT_FILE: join(folder, 'keys') }, variables).PORT).toBe(3000);
  });
});
