// A value with something in it changed.
import { hostileJson, hostileText } from './hostile-values.mjs';
import { Entries } from './json-text.mjs';

/** Goes down into a value and changes something there. @param {import('../chaos/random.mjs').Chance} chance */
export function changedJson(value, chance) {
  const list = value instanceof Entries ? value.list : Array.isArray(value) ? value : [];
  const at = chance.between(0, list.length - 1);
  if (list.length === 0 || chance.between(0, 3) === 0) return changedHere(value, chance);
  if (Array.isArray(value)) return list.map((each, i) => (i === at ? changedJson(each, chance) : each));
  return new Entries(list.map(([key, each], i) => [key, i === at ? changedJson(each, chance) : each]));
}

function changedHere(value, chance) {
  if (!(value instanceof Entries)) return hostileJson(chance);
  const { list } = value;
  const left = chance.between(0, list.length - 1);
  switch (chance.between(0, 4)) {
    case 0:
      return new Entries(list.filter((_, i) => i !== left));
    case 1:
      return new Entries([...list, ...list]);
    case 2:
      return new Entries([...list, [hostileText(chance), hostileJson(chance)]]);
    case 3:
      return new Entries([...list, ...manyFields(chance)]);
    default:
      return hostileJson(chance);
  }
}

function manyFields(chance) {
  return Array.from({ length: chance.pick([1, 150, 3_000]) }, (_, i) => [`field${i}`, i]);
}
