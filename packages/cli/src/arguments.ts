import { InvalidArgumentError } from 'commander';

/** Reads a whole number of at least `least`. */
export function wholeNumber(least: number) {
  return (text: string): number => {
    if (/^\d{1,9}$/.test(text) && Number(text) >= least) return Number(text);
    throw new InvalidArgumentError(`Write a whole number from ${least} on.`);
  };
}

/** Reads a share from 0 to 1. */
export function share(text: string): number {
  if (/^(?:0|1|0?\.\d+|1\.0+)$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Write a number from 0 to 1.');
}

/** Collects the values of an option that may be given several times. */
export function several(text: string, earlier: readonly string[] = []): string[] {
  return [...earlier, text];
}

/** As {@link several}, for values out of a known set, also with commas between them. */
export function severalOf<Value extends string>(known: readonly Value[]) {
  return (text: string, earlier: readonly Value[] = []): Value[] => {
    const values = text.split(',') as Value[];
    if (values.every((value) => known.includes(value))) return [...earlier, ...values];
    throw new InvalidArgumentError(`Allowed are ${known.join(', ')}.`);
  };
}
