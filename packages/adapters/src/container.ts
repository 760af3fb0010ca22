import 'reflect-metadata';
import {
  type AnyTaskType,
  createNavette,
  type Navette,
  type System,
  type TaskBroker,
  type TaskEvents,
  type TaskStore,
} from '@navette/domain';
import type { Queue } from 'bullmq';
import { type DependencyContainer, type InjectionToken, instanceCachingFactory, container as root } from 'tsyringe';
import { loadPostgres, type StoreSettings } from './composition/load-postgres.ts';
import { loadRedis } from './composition/load-redis.ts';
import type { ServiceContext } from './composition/service.ts';
import { createMetrics, type Metrics } from './metrics/index.ts';
import type { OpenedPostgres } from './postgres/index.ts';
import { createSystem } from './system/index.ts';

export * from './composition/index.ts';

/** What the container holds. Each is made when it is first asked for, once, and closed by the shutdown list. */
export const tokens = {
  system: token<System>('system'),
  postgres: token<OpenedPostgres>('postgres'),
  store: token<TaskStore>('store'),
  broker: token<TaskBroker>('broker'),
  events: token<TaskEvents>('events'),
  navette: token<Navette>('navette'),
  metrics: token<Metrics>('metrics'),
  /** BullMQ's own queues, for the board; none without Redis. */
  rawQueues: token<readonly Queue[]>('raw queues'),
  /** Resolves when the store has been reached and migrated; rejects for what waiting cannot mend. */
  ready: token<Promise<void>>('ready'),
};

/** What decides how a process is put together. */
export interface ContainerSettings extends StoreSettings {
  /** Redis for BullMQ; `undefined`: the store is the queue. */
  readonly REDIS_URL: string | undefined;
}

/** What a process is put together from. */
export interface ContainerParts extends Omit<ServiceContext<ContainerSettings>, 'version'> {
  /** The task types it knows. */
  readonly tasks: readonly AnyTaskType[];
}

/**
 * Puts a process together; loads the drivers that its settings ask for, and no others. An embedded database is open
 * when it resolves; servers are not waited for.
 */
export async function createContainer(parts: ContainerParts): Promise<DependencyContainer> {
  const { log, tasks } = parts;
  const metrics = createMetrics();
  const openPostgres = await loadPostgres({ ...parts, onBatch: metrics.observeBatch });
  const redis = await loadRedis(parts);
  const container = root.createChildContainer();
  const provide = <T>(what: InjectionToken<T>, make: (from: DependencyContainer) => T) => {
    container.register(what, { useFactory: instanceCachingFactory(make) });
  };
  provide(tokens.metrics, () => metrics);
  provide(tokens.system, createSystem);
  provide(tokens.postgres, openPostgres);
  provide(tokens.ready, (from) => from.resolve(tokens.postgres).ready);
  provide(tokens.store, (from) => from.resolve(tokens.postgres).store);
  if (redis) {
    const broker = instanceCachingFactory(redis.openBroker);
    provide(tokens.broker, broker);
    provide(tokens.events, redis.openEvents);
    provide(tokens.rawQueues, (from) => from.resolve(tokens.navette).catalogue.queues().map(broker(from).rawQueue));
  } else {
    provide(tokens.broker, (from) => from.resolve(tokens.postgres).broker);
    provide(tokens.events, (from) => from.resolve(tokens.postgres).events);
    provide(tokens.rawQueues, () => []);
  }
  provide(tokens.navette, (from) =>
    createNavette({
      store: from.resolve(tokens.store),
      broker: from.resolve(tokens.broker),
      events: from.resolve(tokens.events),
      system: from.resolve(tokens.system),
      tasks,
      log,
      observe: metrics.observeAttempt,
    }),
  );
  return container;
}

function token<T>(name: string): InjectionToken<T> {
  return Symbol(name);
}
