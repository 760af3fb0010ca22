import { StoreUnavailableError, type System } from '@navette/domain';
import { type Method, mapMethods } from './watched-store.ts';

/**
 * All that lies between one process and the rest of the world, the process's own life included. What a frozen process
 * would do or hear waits until it is thawed; what a dead one would do never happens, and what is sent to it is lost.
 */
export interface Link {
  readonly life: 'alive' | 'frozen' | 'dead';
  /** Whether calls to the store are refused. */
  cut: boolean;
  /** Calls of the store whose next reply is lost, by name: they are carried out, and the caller never learns of it. */
  readonly losing: Set<string>;
  freeze(): void;
  /** Lets everything happen that has waited, in its order. */
  thaw(): void;
  kill(): void;
  /** Calls back now, when it is thawed, or never. */
  whenAlive(callback: () => void): void;
  /** A role of the store, or a broker, as the process reaches it. */
  through<T extends object>(role: T, of: 'store' | 'broker'): T;
}

/** How long one way of a call takes, ms; drawn for each. */
export type Latency = () => number;

/** Makes a link. */
export function createLink(system: Pick<System, 'after'>, latency: Latency): Link {
  const waiting: (() => void)[] = [];
  const losing = new Set<string>();
  let life: Link['life'] = 'alive';
  let cut = false;

  const whenAlive: Link['whenAlive'] = (callback) => {
    if (life === 'alive') callback();
    else if (life === 'frozen') waiting.push(callback);
  };

  const travel = async () => {
    const ms = latency();
    if (ms > 0) await new Promise<void>((resolve) => void system.after(ms, resolve));
    await new Promise<void>((resolve) => whenAlive(resolve));
  };

  const throughStore = (name: string, method: Method): Method => {
    return async (...args) => {
      await travel();
      if (cut) throw new StoreUnavailableError(`${name} did not arrive`);
      const carriedOut = method(...args);
      const isLost = losing.delete(name);
      const answer = await carriedOut;
      await travel();
      if (cut || isLost) throw new StoreUnavailableError(`the reply to ${name} was lost`);
      return answer;
    };
  };

  const throughBroker = (_name: string, method: Method): Method => {
    return async (...args) => {
      await travel();
      const answer = await method(...args);
      await travel();
      return answer;
    };
  };

  return {
    get life() {
      return life;
    },
    get cut() {
      return cut;
    },
    set cut(value) {
      cut = value;
    },
    losing,
    freeze: () => {
      life = 'frozen';
    },
    thaw: () => {
      life = 'alive';
      for (const callback of waiting.splice(0)) callback();
    },
    kill: () => {
      life = 'dead';
      waiting.length = 0;
    },
    whenAlive,
    through: (role, of) => mapMethods(role, of === 'store' ? throughStore : throughBroker),
  };
}

/** The machine as a process has it: its timers stand still with it, its wall clock goes wrong by that much (ms). */
export function systemBehind(link: Link, system: System, skewMs: number): System {
  return {
    ...system,
    now: () => new Date(system.now().getTime() + skewMs),
    after: (delayMs, callback) => {
      let cancelled = false;
      const cancel = system.after(delayMs, () => link.whenAlive(() => void (cancelled || callback())));
      return () => {
        cancelled = true;
        cancel();
      };
    },
  };
}
