import { createNavette, defineTask } from '@navette/domain';
import { Kysely, PostgresDialect } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { EmbeddedPostgres } from '../../src/pglite/index.ts';
import { type OpenedPostgres, openPostgres, pinnedSettings } from '../../src/postgres/index.ts';
import { createSystem } from '../../src/system/index.ts';
import { newId, newTask } from '../contracts/store-scene.ts';
import { eventually } from '../eventually.ts';
import { openEmbedded } from '../pglite/embedded.ts';

describe('an embedded database', () => {
  let embedded: EmbeddedPostgres;
  let vacuumed = 0;

  const open = async (): Promise<OpenedPostgres> => {
    const pool = embedded.createPool({ settings: pinnedSettings, transactionLimitMs: Number.POSITIVE_INFINITY });
    const vacuum = async () => void vacuumed++;
    const postgres = openPostgres({ pool, embedded: true, vacuum });
    await postgres.ready;
    return postgres;
  };

  beforeAll(async () => {
    embedded = await openEmbedded();
  });
  afterAll(() => embedded?.close());

  test('gives what was running at once to the next process', async () => {
    const before = await open();
    const task = newTask();
    await before.store.records.insert([task]);
    const worker = newId();
    const types = [task.type];
    await before.store.upkeep.renew({ id: worker, name: 'killed', queues: {}, types }, 60_000);
    expect(await before.store.dequeue({ worker, types }, task.queue, 1)).toHaveLength(1);
    // No release, no close: as after a kill.
    const after = await open();
    const heir = { id: newId(), name: 'heir', queues: {}, types };
    await after.store.upkeep.renew(heir, 60_000);
    expect(await after.store.upkeep.recoverLost(heir.id, 10)).toMatchObject([{ taskId: task.id, state: 'queued' }]);
    const lost = { outcome: 'lost', worker, workerName: 'killed' };
    expect(await after.store.records.get(task.id)).toMatchObject({ attempts: [lost] });
    await after.close();
  });

  test('carries events within the process', async () => {
    const { events, close } = await open();
    const heard: unknown[] = [];
    await events.subscribe(undefined, (event) => heard.push(event));
    events.publish([{ kind: 'log', taskId: 'a' }]);
    await eventually(() => expect(heard).toEqual([{ kind: 'log', taskId: 'a' }]));
    await close();
  });

  test('starts the tasks of a transaction soon after its commit, and none that was rolled back', async () => {
    const { store, broker, events, close } = await open();
    const echo = defineTask({ type: 'test.echo', payload: z.unknown(), handler: (payload) => payload });
    const navette = createNavette({ store, broker, events, system: createSystem(), tasks: [echo] });
    await navette.work().ready;
    const user = new Kysely<unknown>({ dialect: new PostgresDialect({ pool: embedded.createPool() }) });
    const submit = (payload: string) =>
      user.transaction().execute(async (trx) => {
        const task = await navette.within(trx).submit(echo, payload);
        if (payload === 'lost') throw new Error('rolled back');
        return task;
      });
    await expect(submit('lost')).rejects.toThrow('rolled back');
    for (const payload of ['first', 'second']) {
      expect(await navette.wait((await submit(payload)).id)).toMatchObject({ state: 'completed', result: payload });
    }
    expect((await navette.search({ type: 'test.echo' })).items).toHaveLength(2);
    await user.destroy();
    await navette.close();
    await close();
  });

  test('is vacuumed when the store is told to', async () => {
    const { store, close } = await open();
    await store.vacuum?.();
    expect(vacuumed).toBe(1);
    await close();
  });
});
