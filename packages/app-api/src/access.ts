import { hash, timingSafeEqual } from 'node:crypto';
import type { HonoRequest, MiddlewareHandler } from 'hono';
import { HttpError } from './problems.ts';

/** A client of the API: idempotency keys are scoped to its name. */
export interface ApiKey {
  readonly name: string;
  readonly secret: string;
}

/** What the access check leaves for the handlers. */
export interface AppEnv {
  Variables: {
    /** Name of the caller's API key; empty where no keys are in use. */
    caller: string;
  };
}

/** Who may call. */
export interface AccessRules {
  /** With keys every call but `/health/*` needs one. */
  readonly apiKeys: readonly ApiKey[];
  /** Without keys: whether this server can be reached on loopback only, where no key is needed. */
  readonly loopbackOnly: boolean;
}

// Basic first: Chromium looks at the first challenge of a header only, and asks for name and secret only then.
const challenge = 'Basic realm="navette", charset="UTF-8", Bearer realm="navette"';
const loopbackHost = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/i;
const safeMethods: readonly string[] = ['GET', 'HEAD', 'OPTIONS'];

/** Makes the check that stands before every route, also before those that do not exist. */
export function createAccessCheck({ apiKeys, loopbackOnly }: AccessRules): MiddlewareHandler<AppEnv> {
  return apiKeys.length === 0 && loopbackOnly ? checkLoopback : createKeyCheck(apiKeys);
}

/** Stops web pages of other origins, and DNS names that were made to point at loopback. */
const checkLoopback: MiddlewareHandler<AppEnv> = (c, next) => {
  if (!loopbackHost.test(hostOf(c.req))) {
    throw new HttpError('forbidden', 'without API keys only requests to a loopback Host are answered, as localhost');
  }
  if (isForged(c.req)) throw new HttpError('forbidden', 'a page of another origin may not do this');
  c.set('caller', '');
  return next();
};

function createKeyCheck(apiKeys: readonly ApiKey[]): MiddlewareHandler<AppEnv> {
  const keys = apiKeys.map(({ name, secret }) => ({ name, digest: digestOf(secret) }));

  /** Compares digests of equal length with every key, so that the time taken tells nothing about a secret. */
  const findKey = ({ name, secret }: Credentials) => {
    const digest = digestOf(secret);
    const matching = keys.filter((key) => timingSafeEqual(key.digest, digest));
    return matching.find((key) => name === undefined || name === key.name);
  };

  return (c, next) => {
    if (c.req.path.startsWith('/health/')) return next();
    const credentials = readCredentials(c.req.header('authorization'));
    const key = credentials && findKey(credentials);
    if (!key) {
      const detail = 'a valid API key is needed, as Authorization: Bearer …';
      throw new HttpError('unauthorized', detail, { 'WWW-Authenticate': challenge });
    }
    // A browser sends Basic credentials along with what pages of other origins ask for.
    if (credentials.name !== undefined && isForged(c.req)) {
      throw new HttpError('forbidden', 'a page of another origin may not do this');
    }
    c.set('caller', key.name);
    return next();
  };
}

interface Credentials {
  /** Only Basic names the key. */
  readonly name?: string;
  readonly secret: string;
}

function readCredentials(authorization = ''): Credentials | undefined {
  const [, scheme = '', value = ''] = /^(bearer|basic) +(\S+) *$/i.exec(authorization) ?? [];
  if (scheme.toLowerCase() !== 'basic') return scheme ? { secret: value } : undefined;
  const pair = Buffer.from(value, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  return colon === -1 ? undefined : { name: pair.slice(0, colon), secret: pair.slice(colon + 1) };
}

function digestOf(secret: string): Buffer {
  return hash('sha256', secret, 'buffer');
}

function hostOf(request: HonoRequest): string {
  return request.header('host') ?? new URL(request.url).host;
}

/** Whether a page of another origin makes a browser change something here. */
function isForged(request: HonoRequest): boolean {
  if (safeMethods.includes(request.method)) return false;
  const site = request.header('sec-fetch-site');
  if (site === 'cross-site') return true;
  const origin = request.header('origin');
  // `same-origin` is the browser's own word, true also where a proxy has rewritten the Host.
  if (origin === undefined || site === 'same-origin') return false;
  return origin.replace(/^https?:\/\//, '') !== hostOf(request);
}
