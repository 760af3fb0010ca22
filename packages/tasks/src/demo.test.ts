import { decide, PermanentError } from '@navette/domain';
import { describe, expect, it } from 'vitest';
import { createContext } from '../test/handler-context.ts';
import { demoEcho, demoFail, demoFlaky, demoSleep } from './index.ts';

describe('demo.echo', () => {
  it('returns its payload as it is', async () => {
    const payload = JSON.parse('{"a":[1,null,{"__proto__":"x"}]}');
    expect(await demoEcho.handler(payload, createContext())).toBe(payload);
  });
});

describe('demo.sleep', () => {
  it('reports each step', async () => {
    const context = createContext();
    expect(await demoSleep.handler({ ms: 6, steps: 3 }, context)).toEqual({ ms: 6 });
    expect(context.reports).toEqual([1, 2, 3].map((done) => ({ done, total: 3 })));
  });

  it('takes one step if it is short', async () => {
    const context = createContext();
    await demoSleep.handler({ ms: 5 }, context);
    expect(context.reports).toEqual([{ done: 1, total: 1 }]);
  });

  it('stops at once when told to', async () => {
    const abort = new AbortController();
    const context = createContext({ signal: abort.signal });
    const end = demoSleep.handler({ ms: 3_600_000 }, context);
    abort.abort(new Error('cancelled'));
    await expect(end).rejects.toMatchObject({ name: 'AbortError', cause: { message: 'cancelled' } });
    expect(context.reports).toEqual([]);
  });
});

describe('demo.flaky', () => {
  it('fails as often as asked, then tells which attempt succeeded', async () => {
    const run = async (attempt: number) => demoFlaky.handler({ failures: 2 }, createContext({ attempt }));
    await expect(run(1)).rejects.toThrow('attempt 1');
    await expect(run(2)).rejects.toThrow('attempt 2');
    expect(await run(3)).toEqual({ attempt: 3 });
  });

  it('is tried again soon', () => {
    expect(decide(demoFlaky.retry, 1, new Error(), new Date(), 0.5)).toEqual({ retry: true, delayMs: 200 });
  });
});

describe('demo.fail', () => {
  const failure = async (payload: object) => {
    const checked = await demoFail.payload['~standard'].validate(payload);
    if (checked.issues) throw new Error('the payload was refused');
    return Promise.resolve()
      .then(() => demoFail.handler(checked.value, createContext()))
      .catch((error: unknown) => error);
  };

  it('fails with its message', async () => {
    expect(await failure({ message: 'out of milk' })).toEqual(new Error('out of milk'));
    expect(await failure({})).not.toBeInstanceOf(PermanentError);
  });

  it('fails for good if asked to', async () => {
    expect(await failure({ permanent: true })).toBeInstanceOf(PermanentError);
  });
});
