// The API under test and what it stands on; all of it is private to the run.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createPostgres, createRedis } from '../chaos/servers.mjs';
import { NavetteProcess } from './process.mjs';

const NAVETTE_TASKS = fileURLToPath(new URL('tasks.mjs', import.meta.url));
/** A key of the runs that use keys. */
const secret = 'fuzz-secret';
/** For the tables, so that a run never fills the machine's disk, MB. */
const diskMegabytes = 2_048;

/** The set-ups there are. */
export const setUps = ['store', 'redis', 'embedded'];

/**
 * Starts a set-up; resolves when tasks are taken and run.
 * @param {{ setUp: string, withKeys: boolean, folder: string, reaper: import('../chaos/reaper.mjs').Reaper }} options
 */
export async function openInstallation({ setUp, withKeys, folder, reaper }) {
  const shared = { NAVETTE_TASKS, ...(withKeys && { NAVETTE_API_KEYS: `fuzz:${secret}` }) };
  const start = (app, environment) => new NavetteProcess(app, { ...shared, ...environment }, folder, reaper);
  const processes = [];
  if (setUp === 'embedded') processes.push(start('standalone', { NAVETTE_DATA_DIR: join(folder, 'data') }));
  else {
    const { url: DATABASE_URL } = await createPostgres(folder, reaper, diskMegabytes);
    const servers = { DATABASE_URL, ...(setUp === 'redis' && { REDIS_URL: (await createRedis(folder, reaper)).url }) };
    processes.push(start('api', servers), start('worker', servers));
  }
  const [api] = processes;
  const { api: url } = await api.line('listening');
  await processes.at(-1).line('worker running');
  const authorization = withKeys ? `Bearer ${secret}` : undefined;

  /** Calls the API as a program does. @throws Error unless it answers with that status */
  const call = async (method, path, body, expected = 200) => {
    const headers = {
      ...(authorization && { authorization }),
      ...(body && { 'content-type': 'application/json', prefer: 'wait=30' }),
    };
    const response = await fetch(url + path, {
      method,
      headers,
      body: body && JSON.stringify(body),
      signal: AbortSignal.timeout(60_000),
    });
    if (response.status !== expected)
      throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`);
    return response.json();
  };
  return { api, processes, authorization, call, port: Number(new URL(url).port), host: new URL(url).host };
}
