import { isIP } from 'node:net';
import { maxConcurrency, namePattern } from '@navette/domain';
import { z } from 'zod';
import type { Variable } from './settings.ts';
import { anyText, list, parsed, url, wholeNumber } from './value-schemas.ts';

/** A client of the API, known by its key. */
export interface ApiKey {
  readonly name: string;
  readonly secret: string;
}

const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
const maxDays = 36_500;

/** Every variable of Navette; each app takes the ones it needs. */
export const variables = {
  HOST: preset('127.0.0.1', anyText(), 'address to listen on; beyond loopback the API needs NAVETTE_API_KEYS'),
  PORT: preset('3000', wholeNumber(0, 65_535), 'port to listen on; 0 takes a free one'),
  DATABASE_URL: secret(url(['postgres:', 'postgresql:'], 'postgres://me@host:5432/name'), 'PostgreSQL'),
  REDIS_URL: secret(
    url(['redis:', 'rediss:'], 'redis://host:6379'),
    'BullMQ on Redis; unset: the database is the queue',
  ),
  NAVETTE_DATA_DIR: preset('.navette', anyText(), 'folder of the embedded database, used when DATABASE_URL is unset'),
  NAVETTE_QUEUES: preset('*:50', parsed(readQueues), 'queues to consume, with concurrency: default:50,media:2'),
  NAVETTE_TASKS: optional(anyText(), 'module whose default export is an array of task types to add'),
  NAVETTE_API_KEYS: secret(parsed(readApiKeys), 'who may call the API, and read metrics: name:secret,…'),
  NAVETTE_HTTP_ALLOW: optional(parsed(readRanges), 'private address ranges that tasks may reach: 127.0.0.0/8,…'),
  NAVETTE_MAX_BODY_BYTES: preset('1048576', wholeNumber(1, 1_073_741_824), 'larger request bodies are refused'),
  NAVETTE_RETENTION_DAYS: optional(wholeNumber(1, maxDays), 'days to keep finished tasks; unset: for ever'),
  NAVETTE_IDEMPOTENCY_DAYS: preset('7', wholeNumber(1, maxDays), 'days to keep idempotency keys'),
  NAVETTE_SHUTDOWN_MS: preset('25000', wholeNumber(0, 86_400_000), 'time for running attempts to end on SIGTERM, ms'),
  LOG_LEVEL: preset('info', parsed(readLogLevel), `least level to log: ${logLevels.join(', ')}`),
};

/** `PORT` of a process that listens only where asked to. */
export const healthPort = optional(wholeNumber(0, 65_535), 'port of health checks and metrics; unset: there are none');

/** The same variable where the process cannot do without it. */
export function required<T>(variable: Variable<T | undefined>): Variable<T> {
  const schema = z.string({ error: 'must be set' }).pipe(variable.schema as z.ZodType<T, string>);
  return { ...variable, schema: schema as unknown as Variable<T>['schema'] };
}

/** A rule: an API that others can reach asks who they are. */
export function keysBeyondLoopback(settings: {
  readonly HOST: string;
  readonly NAVETTE_API_KEYS: readonly ApiKey[] | undefined;
}): string | undefined {
  if (settings.NAVETTE_API_KEYS || isLoopback(settings.HOST)) return undefined;
  return `NAVETTE_API_KEYS must be set where HOST is beyond loopback (it is ${settings.HOST}): name:secret,…`;
}

/** Whether a host is this machine's own and nobody else reaches it. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

function preset<T>(value: string, schema: z.ZodType<T, string>, meaning: string): Variable<T> {
  return { schema: schema.prefault(value), default: value, meaning };
}

function optional<T>(schema: z.ZodType<T, string | undefined>, meaning: string): Variable<T | undefined> {
  return { schema: schema.optional(), meaning };
}

function secret<T>(schema: z.ZodType<T, string>, meaning: string): Variable<T | undefined> {
  return { ...optional(schema, meaning), secret: true };
}

/** `default:50,media:2`, where `*` stands for every queue not named. */
function readQueues(text: string): Record<string, number> {
  const pairs = list(text).map((entry): [string, number] => {
    const [, name = '', concurrency = ''] = /^([^:]*):(\d{1,5})$/.exec(entry) ?? [];
    if ((name !== '*' && !namePattern.test(name)) || Number(concurrency) < 1) {
      throw new Error(`must be like default:50,media:2, with a concurrency from 1 to ${maxConcurrency}, not "${text}"`);
    }
    return [name, Number(concurrency)];
  });
  if (new Set(pairs.map(([name]) => name)).size < pairs.length) throw new Error(`names a queue twice: "${text}"`);
  return Object.fromEntries(pairs);
}

function readApiKeys(text: string): ApiKey[] {
  const keys = list(text).map((entry) => {
    const [, name, value] = /^([A-Za-z0-9][A-Za-z0-9._-]{0,63}):(\S+)$/.exec(entry) ?? [];
    if (!name || !value) {
      throw new Error('must be like name:secret,other:secret2, without spaces or commas in a secret');
    }
    return { name, secret: value };
  });
  // A name may have an old secret and a new one, so that it can be changed without a pause.
  if (new Set(keys.map(({ secret }) => secret)).size < keys.length) throw new Error('has one secret twice');
  return keys;
}

/** Addresses (`10.0.0.5`) and ranges (`10.0.0.0/8`). */
function readRanges(text: string): string[] {
  return list(text).map((entry) => {
    const [address = '', bits] = entry.split('/', 2);
    const most = isIP(address) === 6 ? 128 : 32;
    const valid = isIP(address) !== 0 && (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most));
    if (!valid || entry.split('/').length > 2) throw new Error(`must be like 127.0.0.0/8,::1/128, not "${text}"`);
    return bits === undefined ? `${address}/${most}` : entry;
  });
}

function readLogLevel(text: string): (typeof logLevels)[number] {
  const level = logLevels.find((known) => known === text);
  if (!level) throw new Error(`must be one of ${logLevels.join(', ')}, not "${text}"`);
  return level;
}
