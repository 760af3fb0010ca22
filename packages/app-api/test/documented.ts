import type { z } from '@hono/zod-openapi';
import { expect } from 'vitest';
import type { App } from '../src/app.ts';
import { type Operation, operationsOf, recordAnswer } from './answers/record-answer.ts';
import type { Answer } from './api.ts';

/** Answers that are no part of the contract: pages and what belongs to them. */
const pages = /^\/(?:$|docs|openapi\.json|board)/;

/**
 * Holds an answer against the OpenAPI document: the operation declares its status and media type, and its body is what
 * the schema says, with no field beside those. Where the document knows no such operation, the answer must be a refusal.
 */
export function expectDocumented(app: App, method: string, path: string, answer: Answer): void {
  const schema = expectDeclared(app, method, path, answer);
  if (!schema || method === 'HEAD') return;
  const where = `${whereOf(method, path, answer.status)}: ${answer.text.slice(0, 300)}`;
  const isLines = answer.headers.get('content-type') === 'application/x-ndjson';
  for (const body of isLines ? answer.body : [answer.body]) {
    const parsed = schema.safeParse(body);
    expect(parsed.error, where).toBeUndefined();
    expect(body, `${where}, with fields that are not declared`).toEqual(parsed.data);
  }
}

/** The first half of {@link expectDocumented}, for what is read as it comes: gives the schema that is declared. */
export function expectDeclared(
  app: App,
  method: string,
  path: string,
  { status, headers }: Pick<Answer, 'status' | 'headers'>,
): z.ZodType | undefined {
  const pathname = path.split('?', 1)[0] as string;
  const mediaType = headers.get('content-type');
  const where = `${whereOf(method, path, status)} as ${mediaType}`;
  const operation = findOperation(app, method, pathname);
  if (!operation) {
    if (!pages.test(pathname)) expect([401, 403, 404, 405], where).toContain(status);
    return undefined;
  }
  const response = operation.responses[status];
  expect(response, `${where}, which is not declared`).toBeDefined();
  if (method !== 'HEAD') recordAnswer(app, operation, status, mediaType);
  if (mediaType === null && !response?.content) return undefined;
  const schema = response?.content?.[mediaType ?? '']?.schema;
  expect(schema, `${where}, which is not declared`).toBeDefined();
  return schema;
}

function whereOf(method: string, path: string, status: number): string {
  return `${method} ${path.slice(0, 80)} answered ${status}`;
}

function findOperation(app: App, method: string, pathname: string): Operation | undefined {
  const wanted = method === 'HEAD' ? 'get' : method.toLowerCase();
  return operationsOf(app).find(
    ({ method, path }) => method === wanted && new RegExp(`^${path.replace(/\{[^}]+\}/g, '[^/]+')}$`).test(pathname),
  );
}
