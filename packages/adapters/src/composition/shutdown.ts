import type { Log } from '@navette/domain';

/** What must be stopped when the process ends, in order. */
export interface ShutdownList {
  /** Adds a step. Steps run one after another, the last added first; each is given up after its deadline, ms. */
  add(name: string, deadlineMs: number, stop: () => Promise<unknown> | unknown): void;
  /** Runs every step, also those that are added meanwhile. Runs once, never rejects. */
  run(): Promise<void>;
}

/** Makes an empty list. */
export function createShutdownList(log: Log): ShutdownList {
  const steps: { name: string; deadlineMs: number; stop: () => Promise<unknown> | unknown }[] = [];
  let running: Promise<void> | undefined;

  const runAll = async () => {
    for (let step = steps.pop(); step; step = steps.pop()) {
      const { name, deadlineMs, stop } = step;
      try {
        if (await endsWithin(deadlineMs, stop)) log.debug({ step: name }, 'stopped');
        else log.warn({ step: name, deadlineMs }, 'took too long to stop, going on without it');
      } catch (error) {
        log.error({ err: error, step: name }, 'could not stop');
      }
    }
  };

  return {
    add: (name, deadlineMs, stop) => void steps.push({ name, deadlineMs, stop }),
    run: () => {
      running ??= runAll();
      return running;
    },
  };
}

async function endsWithin(deadlineMs: number, stop: () => Promise<unknown> | unknown): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const timeUp = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), deadlineMs);
  });
  const ended = (async () => {
    await stop();
    return true as const;
  })();
  try {
    return await Promise.race([ended, timeUp]);
  } finally {
    clearTimeout(timer);
  }
}
