import type { LookupAddress, LookupOptions } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { PermanentError } from '@navette/domain';
import { Agent, buildConnector } from 'undici';
import type { AddressGuard } from './address-guard.ts';

/** Finds all addresses of a host name. */
export type Resolve = (hostname: string) => Promise<readonly LookupAddress[]>;

const connectTimeoutMs = 10_000;

/**
 * Makes an undici agent whose every connection passes the guard, whatever led to it. A name is resolved once, by the
 * connection itself, and only the addresses that passed are connected to: nothing can change between check and use.
 *
 * How long an answer may take is left to the request's signal.
 */
export function createGuardedAgent(guard: AddressGuard, resolve: Resolve = resolveAll): Agent {
  const socketOptions = { timeout: connectTimeoutMs, lookup: createGuardedLookup(guard, resolve) };
  // The type asks for a port as well, which undici adds at each connection.
  const connectByName = buildConnector(socketOptions as buildConnector.BuildOptions);
  return new Agent({
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: (options, callback) => {
      // Node looks up names only, so an address that is written out has to be judged here.
      const refusal = isIP(options.hostname) ? guard.refusal(options.hostname) : undefined;
      if (refusal === undefined) connectByName(options, callback);
      else callback(refusedError(`${options.hostname} is`, [refusal]), null);
    },
  });
}

const resolveAll: Resolve = (hostname) => lookup(hostname, { all: true });

type LookupCallback = (error: Error | null, address: string | LookupAddress[], family?: number) => void;

function createGuardedLookup(guard: AddressGuard, resolve: Resolve) {
  const passing = async (hostname: string): Promise<[LookupAddress, ...LookupAddress[]]> => {
    const found = await resolve(hostname);
    const [first, ...others] = found.filter(({ address }) => guard.refusal(address) === undefined);
    if (first) return [first, ...others];
    if (found.length === 0) throw new Error(`${hostname} has no address`);
    throw refusedError(
      `${hostname} resolves to`,
      found.map(({ address }) => guard.refusal(address)),
    );
  };
  return (hostname: string, options: LookupOptions, callback: LookupCallback): void => {
    passing(hostname).then(
      (addresses) => {
        if (options.all) callback(null, addresses);
        else callback(null, addresses[0].address, addresses[0].family);
      },
      (error: Error) => callback(error, []),
    );
  };
}

function refusedError(what: string, refusals: readonly (string | undefined)[]): PermanentError {
  const kinds = [...new Set(refusals)].join(', ');
  const message = `${what} no public address (${kinds}); NAVETTE_HTTP_ALLOW names others that may be reached`;
  return new PermanentError(message, { code: 'address_refused' });
}
