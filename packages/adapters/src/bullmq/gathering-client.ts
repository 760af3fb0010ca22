import { createIORedisClient, type IRedisClient } from 'bullmq';
import type { Redis } from 'ioredis';
import { isDemoted } from './redis-connection.ts';
import { loopArguments, type Script, scriptLoop } from './script-loop.ts';

/** So many runs go together at most: Redis serves nobody else meanwhile, for about 1.5 ms. */
const maxRuns = 50;

/** The scripts of BullMQ that answer with the next job. */
const fetching = /^moveTo(Active|Finished)/;
/** The scripts that only take memory; the others give some back, or make way for those that do. */
const adding = /^add/;
/** All that a consumer asks of a job beside its id is how often it was fetched; the rest would only be sent and read. */
const jobFields = ['ats'];

interface Call {
  readonly name: string;
  readonly args: never[];
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Makes BullMQ's client over a connection, on which all runs of one script that are asked for in one turn of the event
 * loop are one command. Jobs are added and ended many at a time, and writing a command for each, and reading its answer,
 * costs Node more than all the rest of it. BullMQ's scripts themselves are run as they are. Of a job that was fetched
 * along with others only its id and how often it was fetched are known: not its data, not its options.
 */
export function createGatheringClient(redis: Redis): IRedisClient {
  const client = createIORedisClient(redis);
  const scripts = new Map<string, Script>();
  let gathered: Call[] = [];

  const define = (name: string, script: Script) =>
    client.defineCommand(name, adding.test(name) ? script : runningWhenFull(script));

  const runTogether = async (script: Script, name: string, calls: readonly Call[]) => {
    const loop = `${name}:loop`;
    if (!(loop in client)) define(loop, scriptLoop(script, fetching.test(name) ? jobFields : undefined));
    const runs = calls.map(({ args }) => args);
    try {
      const results: unknown[] = await client.runCommand(loop, loopArguments(runs, script.numberOfKeys));
      for (const [i, { resolve, reject }] of calls.entries()) {
        const result = results[i];
        if (result instanceof Error) reject(result);
        else resolve(result);
      }
      // ioredis looks for this in the reply as a whole only.
      if (results.some(isDemoted)) redis.disconnect(true);
    } catch (error) {
      for (const { reject } of calls) reject(error);
    }
  };

  const runGathered = () => {
    const calls = gathered;
    gathered = [];
    for (let at = 0; at < calls.length; ) {
      const group = groupFrom(calls, at);
      at += group.length;
      const [first] = group as [Call];
      const script = scripts.get(first.name);
      if (script && group.length > 1) void runTogether(script, first.name, group);
      else for (const { name, args, resolve, reject } of group) client.runCommand(name, args).then(resolve, reject);
    }
  };

  return Object.create(client, {
    defineCommand: {
      value: (name: string, script: Script) => {
        scripts.set(name, script);
        define(name, script);
      },
    },
    runCommand: {
      value: (name: string, args: readonly never[]) =>
        new Promise((resolve, reject) => {
          // After the promises that are settled in this turn, and all that they lead to.
          if (gathered.length === 0) process.nextTick(runGathered);
          // Flattening takes longer than all else here, and is hardly ever needed.
          gathered.push({ name, args: args.some(Array.isArray) ? args.flat() : [...args], resolve, reject });
        }),
    },
  });
}

/**
 * A script that runs in a Redis that has no memory left, too: Redis refuses it by its first write, and lets everything
 * pass after one that needs no memory. Otherwise nobody could fetch a job, and so none would ever leave.
 */
function runningWhenFull({ numberOfKeys, lua }: Script): Script {
  return { numberOfKeys, lua: `redis.call('DEL', KEYS[1] .. ':none')\n${lua}` };
}

/** The calls from a place on that can go together. */
function groupFrom(calls: readonly Call[], start: number): readonly Call[] {
  const { name, args } = calls[start] as Call;
  let end = start + 1;
  for (; end < calls.length && end - start < maxRuns; end++) {
    const next = calls[end] as Call;
    if (next.name !== name || next.args.length !== args.length) break;
  }
  return calls.slice(start, end);
}
