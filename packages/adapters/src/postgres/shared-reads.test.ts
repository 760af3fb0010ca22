import { expect, it } from 'vitest';
import { shareReads } from './shared-reads.ts';

/** A read that is sent, or fails unsent, when it is told to. */
function makeRead() {
  const gathered: { id: string; resolve(answer: string): void; reject(error: unknown): void }[] = [];
  const sent: string[][] = [];
  let write: (ids: readonly string[]) => Promise<readonly string[]> = async () => [];
  const read = shareReads<string>(
    async (ids) => {
      sent.push([...ids]);
      return ids.map((id) => `${id} as of statement ${sent.length}`);
    },
    (given) => {
      write = given;
      return (id) => new Promise((resolve, reject) => gathered.push({ id, resolve, reject }));
    },
  );
  const send = async () => {
    const batch = gathered.splice(0);
    const answers = await write(batch.map(({ id }) => id));
    for (const [i, { resolve }] of batch.entries()) resolve(answers[i] as string);
  };
  return { read, send, sent, gathered };
}

it('asks once for what many ask for before it is sent', async () => {
  const { read, send, sent } = makeRead();
  const answers = [read('a'), read('b'), read('a'), read('a')];
  await send();
  expect(sent).toEqual([['a', 'b']]);
  expect(await Promise.all(answers)).toEqual(['a', 'b', 'a', 'a'].map((id) => `${id} as of statement 1`));
});

it('asks anew for what has been sent already, since it may have changed', async () => {
  const { read, send } = makeRead();
  const first = read('a');
  const sending = send();
  const second = read('a');
  await sending;
  await send();
  expect(await Promise.all([first, second])).toEqual(['a as of statement 1', 'a as of statement 2']);
});

it('asks anew after a read that failed before it was sent', async () => {
  const { read, send, gathered } = makeRead();
  const first = read('a');
  gathered.shift()?.reject(new Error('too late'));
  await expect(first).rejects.toThrow('too late');
  const second = read('a');
  await send();
  expect(await second).toBe('a as of statement 1');
});
