import { expect, it } from 'vitest';
import { createApi } from './api.ts';

it('tells the task types with their defaults and JSON Schema, where there is one', async () => {
  const { body } = await createApi().get('/task-types');
  const byType = new Map<string, Record<string, unknown>>(
    body.items.map((item: { type: string }) => [item.type, item]),
  );
  expect([...byType.keys()]).toContain('test.echo');
  expect(byType.get('test.resize')).toMatchObject({
    queue: 'media',
    priority: 'high',
    timeoutMs: 5_000,
    retry: { maxAttempts: 7, backoff: { kind: 'exponential' } },
    payloadSchema: { type: 'object', required: ['width'], properties: { width: { type: 'integer', minimum: 1 } } },
  });
  expect(byType.get('test.dated')).toMatchObject({ payloadSchema: null });
  expect(byType.get('test.foreign')).toMatchObject({ payloadSchema: null });
});
