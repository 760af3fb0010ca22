import type { z } from '@hono/zod-openapi';
import { expect } from 'vitest';
import type { App } from '../src/app.ts';
import type { Answer } from './api.ts';

interface Operation {
  readonly responses: Record<string, { readonly content?: Record<string, { readonly schema: z.ZodType }> }>;
}

/** Answers that are no part of the contract: pages and what belongs to them. */
const pages = /^\/(?:$|docs|openapi\.json|board)/;

/**
 * Holds an answer against the OpenAPI document: the operation declares its status and media type, and its body is what
 * the schema says, with no field beside those. Where the document knows no such operation, the answer must be a refusal.
 */
export function expectDocumented(app: App, method: string, path: string, answer: Answer): void {
  const pathname = path.split('?', 1)[0] as string;
  const where = `${method} ${path.slice(0, 80)} answered ${answer.status}: ${answer.text.slice(0, 300)}`;
  const operation = findOperation(app, method, pathname);
  if (!operation) {
    if (!pages.test(pathname)) expect([401, 403, 404, 405], where).toContain(answer.status);
    return;
  }
  const response = operation.responses[answer.status];
  expect(response, `${where}, which is not declared`).toBeDefined();
  if (method === 'HEAD' || answer.status === 204) return;
  const mediaType = answer.headers.get('content-type') ?? '';
  const schema = response?.content?.[mediaType]?.schema;
  expect(schema, `${where} as ${mediaType}, which is not declared`).toBeDefined();
  for (const body of mediaType === 'application/x-ndjson' ? answer.body : [answer.body]) {
    const parsed = schema?.safeParse(body);
    expect(parsed?.error, where).toBeUndefined();
    expect(body, `${where}, with fields that are not declared`).toEqual(parsed?.data);
  }
}

function findOperation(app: App, method: string, pathname: string): Operation | undefined {
  const wanted = method === 'HEAD' ? 'get' : method.toLowerCase();
  for (const definition of app.openAPIRegistry.definitions) {
    if (definition.type !== 'route' || definition.route.method !== wanted) continue;
    const pattern = definition.route.path.replace(/\{[^}]+\}/g, '[^/]+');
    if (new RegExp(`^${pattern}$`).test(pathname)) return definition.route as unknown as Operation;
  }
  return undefined;
}
