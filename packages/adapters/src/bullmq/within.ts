import type { System } from '@navette/domain';

/** Waits for something for at most that long (ms); a failure ends the wait as well. */
export async function within(system: Pick<System, 'after'>, ms: number, something: Promise<unknown>): Promise<void> {
  await new Promise<void>((resolve) => {
    const cancel = system.after(ms, resolve);
    const ended = () => {
      cancel();
      resolve();
    };
    something.then(ended, ended);
  });
}
