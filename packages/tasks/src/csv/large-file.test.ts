import { Readable } from 'node:stream';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { createContext } from '../../test/handler-context.ts';
import { serve } from '../../test/http-server.ts';
import { createAddressGuard, defineCsvSummary } from '../index.ts';

const rowsPerChunk = 1_000;

/** Columns in which every value is new, in which they repeat, and in which cells are large. */
function* file(chunks: number) {
  yield 'id,amount,who,note\n';
  for (let chunk = 0; chunk < chunks; chunk++) {
    const rows = Array.from({ length: rowsPerChunk }, (_, i) => {
      const n = chunk * rowsPerChunk + i;
      return `${n},${((n * 7_919) % 100_003) / 100},user ${n % 5_000},"note ${n}, ${'x'.repeat(250)}"\n`;
    });
    yield rows.join('');
  }
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

it('goes through in bounded memory', { timeout: 120_000 }, async () => {
  const chunks = 80;
  const origin = await serve((_request, response) => {
    Readable.from(file(chunks)).pipe(response);
  });
  const heapMegabytes: number[] = [];
  const progress = async () => {
    collectGarbage();
    const { heapUsed, external } = process.memoryUsage();
    heapMegabytes.push((heapUsed + external) / 1024 / 1024);
  };
  const csvSummary = defineCsvSummary(createAddressGuard(['127.0.0.0/8']));
  const { rows, columns } = await csvSummary.handler({ url: origin, delimiter: ',' }, { ...createContext(), progress });

  expect(rows).toBe(chunks * rowsPerChunk);
  expect(columns.map(({ kind, approximate }) => `${kind} ${approximate}`)).toEqual([
    'integer true',
    'number true',
    'text false',
    'text true',
  ]);
  expect(heapMegabytes.length).toBeGreaterThanOrEqual(4);
  // By the first report, after 4 MB, every column has been as large as it gets; keeping the file would show as 20 MB.
  expect(heapMegabytes.at(-1)! - heapMegabytes[0]!).toBeLessThan(8);
});
