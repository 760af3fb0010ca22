// The few statistics that the tables need.

/** The value in the middle, or between the two that are there; `undefined` of none. */
export function median(numbers) {
  if (numbers.length === 0) return undefined;
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return (sorted[Math.floor(middle)] + sorted[Math.ceil(middle)]) / 2;
}

/** The value below which that part of the numbers lies; `undefined` of none. */
export function quantile(numbers, part) {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))];
}

/** p50, p95 and p99 of latencies. */
export function tail(latenciesMs) {
  const sorted = Float64Array.from(latenciesMs).sort();
  const at = (part) => sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))];
  return { p50Ms: at(0.5), p95Ms: at(0.95), p99Ms: at(0.99) };
}

/** Half of the range in percent of the median: `±4 %`; nothing for a single sample. */
export function spread(numbers) {
  if (numbers.length < 2) return '';
  const half = (Math.max(...numbers) - Math.min(...numbers)) / 2;
  return `±${Math.round((100 * half) / median(numbers))} %`;
}

/** Of samples with the same fields: the median of each field. */
export function medians(samples) {
  const fields = [...new Set(samples.flatMap(Object.keys))];
  const middle = (field) => median(samples.map((sample) => sample[field]).filter((value) => typeof value === 'number'));
  return Object.fromEntries(fields.map((field) => [field, middle(field)]));
}
