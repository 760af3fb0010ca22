import { appendFileSync, mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { z } from '@hono/zod-openapi';
import type { App } from '../../src/app.ts';

/** Where the suite notes what its OpenAPI document declares and what it was answered, a file for each process. */
export const answersFolder = fileURLToPath(new URL('../../../../coverage/answers/', import.meta.url));

/** An operation of the document, as its route declares it. */
export interface Operation {
  readonly method: string;
  readonly path: string;
  readonly request?: { readonly body?: { readonly content: Content<{ readonly example?: unknown }> } };
  readonly responses: Readonly<Record<string, { readonly content?: Content<{ readonly schema: z.ZodType }> }>>;
}

/** By media type. */
type Content<T> = Readonly<Record<string, T>>;

const noted = new Set<string>();

/** Notes that an operation answered so: `produced GET /tasks/{id} 404 application/problem+json`. */
export function recordAnswer(app: App, { method, path }: Operation, status: number, mediaType: string | null): void {
  if (noted.size === 0) note(operationsOf(app).flatMap(declaredBy));
  note([`produced ${answerName(method, path, status, mediaType)}`]);
}

/** The operations that an app's OpenAPI document has. */
export function operationsOf(app: App): Operation[] {
  const routes = app.openAPIRegistry.definitions.flatMap((each) => (each.type === 'route' ? [each.route] : []));
  return routes as unknown as Operation[];
}

function declaredBy({ method, path, responses }: Operation): string[] {
  return Object.entries(responses).flatMap(([status, { content }]) =>
    Object.keys(content ?? { '': {} }).map((type) => `declared ${answerName(method, path, status, type)}`),
  );
}

function answerName(method: string, path: string, status: number | string, mediaType: string | null): string {
  return `${method.toUpperCase()} ${path} ${status} ${mediaType ?? ''}`.trimEnd();
}

/** Once per process: most answers are given a hundred times. */
function note(lines: readonly string[]): void {
  const fresh = lines.filter((line) => !noted.has(line));
  if (fresh.length === 0) return;
  for (const line of fresh) noted.add(line);
  mkdirSync(answersFolder, { recursive: true });
  appendFileSync(`${answersFolder}${process.pid}.txt`, fresh.map((line) => `${line}\n`).join(''));
}
