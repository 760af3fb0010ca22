import { describe, expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import { InvalidCatalogueError } from './errors.ts';
import { createCatalogue, defineTask, type PayloadOf } from './task-type.ts';

const resize = defineTask({
  type: 'image.resize',
  queue: 'media',
  payload: z.object({ url: z.url(), width: z.coerce.number().default(100) }),
  handler: async ({ url, width }) => {
    expectTypeOf(url).toEqualTypeOf<string>();
    expectTypeOf(width).toEqualTypeOf<number>();
    return { url, width };
  },
});

describe('defineTask', () => {
  it('fills in the defaults', () => {
    expect(resize).toMatchObject({ queue: 'media', priority: 'normal', timeoutMs: 60_000, retry: { maxAttempts: 3 } });
  });

  it('types the payload by the input of its schema, and the handler by its output', () => {
    expectTypeOf<PayloadOf<typeof resize>>().toEqualTypeOf<{ url: string; width?: unknown }>();
  });

  it.each([
    ['a name with a space', { type: 'a b' }],
    ['a queue with a colon', { queue: 'a:b' }],
    ['no schema', { payload: {} }],
    ['no handler', { handler: undefined }],
    ['an unknown priority', { priority: 'urgent' }],
    ['no timeout', { timeoutMs: 0 }],
    ['a timeout that no timer counts', { timeoutMs: 2 ** 31 }],
    ['a bad policy', { retry: { maxAttempts: 99 } }],
  ])('refuses %s', (_name, wrong) => {
    const good = { type: 'a', payload: z.unknown(), handler: () => 1 };
    expect(() => defineTask({ ...good, ...wrong } as never)).toThrow(InvalidCatalogueError);
  });
});

describe('createCatalogue', () => {
  it('refuses two types of one name', () => {
    expect(() => createCatalogue([resize, resize])).toThrow(/two task types are named image.resize/);
  });

  it('refuses what is no task type', () => {
    for (const wrong of [null, 'demo.echo', {}]) {
      expect(() => createCatalogue([wrong as never])).toThrow(InvalidCatalogueError);
    }
  });

  it('knows its types and queues', () => {
    const catalogue = createCatalogue([resize]);
    expect(catalogue.get('image.resize')).toBe(resize);
    expect(catalogue.get('other')).toBeUndefined();
    expect(catalogue.names()).toEqual(['image.resize']);
    expect(catalogue.queues()).toEqual(['media']);
  });
});
