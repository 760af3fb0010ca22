// Values that fit a JSON Schema, mostly at its bounds.
import { hostileJson } from './hostile-values.mjs';
import { Entries } from './json-text.mjs';

/**
 * @typedef {object} Sampling
 * @property {import('../chaos/random.mjs').Chance} chance
 * @property {(reference: string) => object} resolve the schema that a `$ref` names
 * @property {(chance: import('../chaos/random.mjs').Chance) => [string, unknown][]} work a task type and a payload of it
 */

/** A value of a schema. @param {Sampling} sampling */
export function sample(schema, sampling, depth = 0) {
  const { chance, resolve } = sampling;
  if (schema.$ref) return sample(resolve(schema.$ref), sampling, depth);
  if ('const' in schema) return schema.const;
  if (schema.enum) return chance.pick(schema.enum);
  const branches = schema.anyOf ?? schema.oneOf;
  if (branches) return sample(chance.pick(branches), sampling, depth);
  const type = Array.isArray(schema.type) ? chance.pick(schema.type) : schema.type;
  switch (type) {
    case 'null':
      return null;
    case 'boolean':
      return chance.pick([true, false]);
    case 'integer':
    case 'number':
      return sampleNumber(schema, type, chance);
    case 'string':
      return sampleText(schema, chance);
    case 'array':
      return Array.from({ length: lengthWithin(schema.minItems, schema.maxItems, chance) }, () =>
        sample(schema.items ?? {}, sampling, depth + 1),
      );
    case 'object':
      return sampleObject(schema, sampling, depth);
    default:
      return depth > 3 ? null : hostileJson(chance, 3);
  }
}

function sampleObject(schema, sampling, depth) {
  const { chance, work } = sampling;
  const { properties = {}, required = [] } = schema;
  const names = Object.keys(properties).filter((name) => required.includes(name) || chance.between(0, 3) === 0);
  // A submission is worth most where the task runs.
  const isWork = 'type' in properties && 'payload' in properties && chance.between(0, 9) > 0;
  const given = isWork ? work(chance) : [];
  const others = names.filter((name) => !given.some(([taken]) => taken === name));
  return new Entries([...given, ...others.map((name) => [name, sample(properties[name], sampling, depth + 1)])]);
}

function sampleNumber({ minimum = -1e6, maximum = 1e6 }, type, chance) {
  const near = Math.min(maximum, minimum + 5);
  if (type === 'number') return chance.pick([minimum, maximum, minimum + (maximum - minimum) * chance.next()]);
  return chance.pick([minimum, chance.between(minimum, near), chance.between(minimum, near), maximum]);
}

function sampleText({ format, pattern, minLength = 0, maxLength = 40 }, chance) {
  const year = chance.pick([1970, 2020, 2026, 2027, 9999]);
  if (format === 'date-time') return `${year}-0${chance.between(1, 9)}-1${chance.between(0, 9)}T00:00:00Z`;
  if (format === 'uuid') return `01a20cd2-67fe-7309-8b8b-${String(chance.between(0, 999)).padStart(12, '0')}`;
  const length = lengthWithin(Math.max(minLength, pattern ? 1 : 0), maxLength, chance);
  return chance.pick(['a', 'b', 'x']).repeat(length);
}

function lengthWithin(least = 0, most = 5, chance) {
  return chance.pick([
    least,
    Math.min(most, least + 1),
    chance.between(least, Math.min(most, least + 4)),
    Math.min(most, 50),
  ]);
}
