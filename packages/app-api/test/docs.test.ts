import { expect, it } from 'vitest';
import { createApi } from './api.ts';

it('leads to a page that loads nothing from outside', async () => {
  const api = createApi();
  const root = await api.get('/');
  expect([root.status, root.headers.get('location')]).toEqual([302, '/docs']);
  const page = await api.get('/docs');
  expect(page.headers.get('content-type')).toMatch(/^text\/html/);
  expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none'/);
  expect(page.headers.get('content-security-policy')).not.toMatch(/unsafe|http|\*/);
  const addresses = [...page.text.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, address]) => address);
  expect(addresses.length).toBeGreaterThan(2);
  for (const address of addresses) {
    const part = await api.get(`/${address}`);
    expect([address, part.status, part.text.length > 0]).toEqual([address, 200, true]);
  }
});

it('tells the contract as OpenAPI 3.1, with what is built and nothing else', async () => {
  const { status, body } = await createApi().get('/openapi.json');
  expect(status).toBe(200);
  expect(body).toMatchObject({ openapi: '3.1.0', info: { version: '0.0.0-test' } });
  const operations = Object.entries<object>(body.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method} ${path}`),
  );
  expect(operations.sort()).toEqual([
    'get /events',
    'get /health/live',
    'get /health/ready',
    'get /operations',
    'get /operations/{id}',
    'get /queues',
    'get /task-types',
    'get /tasks',
    'get /tasks/{id}',
    'get /tasks/{id}/events',
    'get /tasks/{id}/logs',
    'post /operations',
    'post /operations/{id}/stop',
    'post /queues/{name}/pause',
    'post /queues/{name}/resume',
    'post /submit-task',
    'post /submit-tasks',
    'post /tasks/{id}/cancel',
    'post /tasks/{id}/promote',
    'post /tasks/{id}/retry',
  ]);
  const { Submission, Task } = body.components.schemas;
  expect(Submission).toMatchObject({ required: ['type', 'payload'], additionalProperties: false });
  expect(Submission.properties).not.toHaveProperty('dependsOn');
  expect(Task.required).toEqual(Object.keys(Task.properties));
  expect(Task.properties.error).toEqual({ anyOf: [{ $ref: '#/components/schemas/TaskError' }, { type: 'null' }] });
});
