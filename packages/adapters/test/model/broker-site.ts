import { BrokerUnavailableError, type TaskBroker } from '@navette/domain';
import { createMemoryBroker, type ManualSystem } from '../../src/memory/index.ts';
import { createForgetfulBroker } from './forgetful-broker.ts';
import { createForgetfulServer, type ForgetfulServer, type ServerMood } from './forgetful-server.ts';
import type { Surroundings } from './process.ts';

/** The broker as a whole, whatever processes use it. */
export interface BrokerSite {
  mood: ServerMood;
  /** Where it is a server of its own. */
  readonly server?: ForgetfulServer;
  readonly connect: Surroundings['connect'];
}

/** The two kinds of broker. */
export const brokerSites = {
  'the store as queue': createStoreAsQueue,
  'a broker apart': createBrokerApart,
} as const;

/** Which of the two. */
export type BrokerKind = keyof typeof brokerSites;

function createBrokerApart(system: ManualSystem): BrokerSite {
  const server = createForgetfulServer(system);
  return {
    get mood() {
      return server.mood;
    },
    set mood(value) {
      server.mood = value;
    },
    server,
    connect: (link, own) => {
      const broker = createForgetfulBroker(server, own.system);
      const { dispatch, setPaused, audit } = broker;
      return {
        ...broker,
        ...link.through({ dispatch, setPaused }, 'broker'),
        audit: audit && link.through(audit, 'broker'),
      };
    },
  };
}

/** A hand-over wakes the consumers of every process, or is lost: then they find the task when they look by themselves. */
function createStoreAsQueue(): BrokerSite {
  const brokers: TaskBroker[] = [];
  const site: BrokerSite = {
    mood: 'well',
    connect: (link, own) => {
      const broker = createMemoryBroker({ store: own });
      brokers.push(broker);
      const dispatch: TaskBroker['dispatch'] = async (dispatches) => {
        if (site.mood === 'refusing') throw new BrokerUnavailableError('nobody can be woken');
        if (site.mood !== 'losing') for (const each of brokers) await each.dispatch(dispatches);
        if (site.mood === 'late') throw new BrokerUnavailableError('the answer came after the deadline');
      };
      return { ...broker, ...link.through({ dispatch }, 'broker') };
    },
  };
  return site;
}
