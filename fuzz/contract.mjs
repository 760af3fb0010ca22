// The OpenAPI document as the API serves it: what can be asked, and whether an answer is one that it has.
import { z } from 'zod';

/**
 * @typedef {object} Operation
 * @property {string} method
 * @property {string} path with `{name}` for its parameters
 * @property {RegExp} pattern
 * @property {{ name: string, in: 'path' | 'query' | 'header', required?: boolean, schema: object }[]} parameters
 * @property {Record<string, { schema: object, example?: unknown }>} bodies by media type
 * @property {Record<string, Record<string, z.ZodType>>} answers by status and media type
 */

/** Reads it. */
export function readContract(document) {
  const schemas = document.components?.schemas ?? {};
  const resolve = (reference) => schemas[reference.slice(reference.lastIndexOf('/') + 1)];
  const checker = createCheckers(schemas);
  /** @type {Operation[]} */
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path,
      pattern: new RegExp(`^${path.replace(/\{[^}]+\}/g, '[^/]+')}$`),
      parameters: operation.parameters ?? [],
      bodies: operation.requestBody?.content ?? {},
      answers: Object.fromEntries(
        Object.entries(operation.responses).map(([status, { content = {} }]) => [
          status,
          Object.fromEntries(Object.entries(content).map(([type, { schema }]) => [type, checker(schema)])),
        ]),
      ),
    })),
  );
  const problem = checker({ $ref: '#/components/schemas/Problem' });
  return { operations, resolve, problem, find: (method, target) => findOperation(operations, method, target) };
}

/** The operation that a request reaches, as the server understands its target; undefined: none. */
function findOperation(operations, method, target) {
  const path = pathOf(target);
  const asked = method === 'HEAD' ? 'GET' : method;
  return operations.find((operation) => operation.method === asked && operation.pattern.test(path));
}

/** The path that the server makes of a target. */
export function pathOf(target) {
  try {
    const { pathname } = new URL(target, 'http://localhost');
    return decodeURI(pathname);
  } catch {
    return target.split('?', 1)[0];
  }
}

/** Makes what checks an answer against a schema of the document, which allows no field that it does not name. */
function createCheckers(schemas) {
  const $defs = closed(schemas);
  return (schema) =>
    z.fromJSONSchema({ $schema: 'https://json-schema.org/draft/2020-12/schema', ...closed(schema), $defs });
}

function closed(schema) {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const copy = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]));
  if (typeof copy.$ref === 'string') copy.$ref = copy.$ref.replace('#/components/schemas/', '#/$defs/');
  if (copy.properties && copy.type === 'object') copy.additionalProperties ??= false;
  delete copy.example;
  return copy;
}
