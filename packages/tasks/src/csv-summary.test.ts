import { PermanentError } from '@navette/domain';
import { describe, expect, it } from 'vitest';
import { createContext } from '../test/handler-context.ts';
import { serve } from '../test/http-server.ts';
import { problemsOf } from '../test/problems.ts';
import { createAddressGuard, csvSummary, defineCsvSummary } from './index.ts';

const localSummary = defineCsvSummary(createAddressGuard(['127.0.0.0/8']));

const ofText = async (text: string, delimiter = ',') => csvSummary.handler({ text, delimiter }, createContext());
const ofUrl = async (url: string, context = createContext()) => localSummary.handler({ url, delimiter: ',' }, context);

describe('csv.summary', () => {
  it('describes each column', async () => {
    const text =
      'id,price,paid,since,city\n1,2.5,true,2024-02-29,Oslo\n2,,no,2024-03-01,Bergen\n3,4,TRUE,2023-01-01,Oslo\n';
    expect(await ofText(text)).toEqual({
      rows: 3,
      raggedRows: 0,
      columns: [
        {
          name: 'id',
          kind: 'integer',
          count: 3,
          missing: 0,
          distinct: 3,
          min: 1,
          max: 3,
          mean: 2,
          median: 2,
          mostFrequent: [
            { value: '1', count: 1 },
            { value: '2', count: 1 },
            { value: '3', count: 1 },
          ],
          approximate: false,
        },
        {
          name: 'price',
          kind: 'number',
          count: 2,
          missing: 1,
          distinct: 2,
          min: 2.5,
          max: 4,
          mean: 3.25,
          median: 3.25,
          mostFrequent: [
            { value: '2.5', count: 1 },
            { value: '4', count: 1 },
          ],
          approximate: false,
        },
        {
          name: 'paid',
          kind: 'boolean',
          count: 3,
          missing: 0,
          distinct: 3,
          min: 'TRUE',
          max: 'true',
          mean: null,
          median: null,
          mostFrequent: [
            { value: 'true', count: 1 },
            { value: 'no', count: 1 },
            { value: 'TRUE', count: 1 },
          ],
          approximate: false,
        },
        {
          name: 'since',
          kind: 'date',
          count: 3,
          missing: 0,
          distinct: 3,
          min: '2023-01-01',
          max: '2024-03-01',
          mean: null,
          median: null,
          mostFrequent: [
            { value: '2024-02-29', count: 1 },
            { value: '2024-03-01', count: 1 },
            { value: '2023-01-01', count: 1 },
          ],
          approximate: false,
        },
        {
          name: 'city',
          kind: 'text',
          count: 3,
          missing: 0,
          distinct: 2,
          min: 'Bergen',
          max: 'Oslo',
          mean: null,
          median: null,
          mostFrequent: [
            { value: 'Oslo', count: 2 },
            { value: 'Bergen', count: 1 },
          ],
          approximate: false,
        },
      ],
    });
  });

  it('lists the five most frequent values', async () => {
    const cells = ['a', 'b', 'b', 'c', 'd', 'd', 'd', 'e', 'f', 'g', 'g'];
    const { columns } = await ofText(`x\n${cells.join('\n')}`);
    expect(columns[0]?.mostFrequent.map(({ value, count }) => value + count)).toEqual(['d3', 'b2', 'g2', 'a1', 'c1']);
  });

  it.each([
    ['nothing', '', { rows: 0, raggedRows: 0, columns: [] }],
    ['a byte order mark alone', '\uFEFF', { rows: 0, raggedRows: 0, columns: [] }],
    ['only a header', 'a,b', { rows: 0, columns: [{ name: 'a', kind: 'empty', count: 0, min: null }, { name: 'b' }] }],
    ['a byte order mark', '\uFEFFa\n1', { rows: 1, columns: [{ name: 'a', kind: 'integer' }] }],
    ['CRLF', 'a,b\r\n1,2\r\n3,4\r\n', { rows: 2, columns: [{ max: 3 }, { max: 4 }] }],
    ['line breaks within quotes', 'a,b\n"x\ny","z ""q"""\n', { rows: 1, columns: [{ min: 'x\ny' }, { min: 'z "q"' }] }],
    ['blank lines', 'a\n\n1\n\n', { rows: 1, columns: [{ count: 1, missing: 0 }] }],
    ['spaces', 'a\n 1 \n"  "\n', { rows: 2, columns: [{ kind: 'integer', count: 1, missing: 1 }] }],
    [
      'short and long rows',
      'a,b\n1\n1,2,3\n1,2\n',
      { rows: 3, raggedRows: 2, columns: [{ count: 3 }, { count: 2, missing: 1 }] },
    ],
    [
      'names that repeat or lack',
      'a,,a,a_2,a\n',
      { columns: ['a', 'column_2', 'a_3', 'a_2', 'a_4'].map((name) => ({ name })) },
    ],
    [
      'only missing cells',
      'a,b\n,1\n,2\n',
      { columns: [{ kind: 'empty', missing: 2, mean: null, mostFrequent: [] }, {}] },
    ],
  ])('reads %s', async (_name, text, expected) => {
    expect(await ofText(text)).toMatchObject(expected);
  });

  it('takes another delimiter', async () => {
    expect((await ofText('a;b\n1,5;2', ';')).columns).toMatchObject([{ kind: 'text' }, { kind: 'integer' }]);
    expect((await ofText('a\tb\n1\t2', '\t')).columns).toHaveLength(2);
  });

  it.each([
    ['a quote that is not closed', 'a,b\n1,"2\n3,4\n', 'Quote Not Closed'],
    ['a quote within a cell', 'a\n5" pipe\n', 'Invalid Opening Quote'],
    ['a text after a quote', 'a\n"b"c\n', 'Invalid Closing Quote'],
    ['a record of more than a megabyte', `a\n"${'x'.repeat(1_100_000)}"`, 'Max Record Size'],
    ['too many columns', `${','.repeat(1_000)}\n`, 'the header has 1001 columns'],
  ])('refuses %s for good', async (_name, text, message) => {
    const error = await ofText(text).catch((thrown: Error) => thrown);
    expect(error).toBeInstanceOf(PermanentError);
    expect(error).toMatchObject({ code: 'invalid_csv', message: expect.stringContaining(message) });
  });

  it('summarises a thousand columns', async () => {
    const row = Array.from({ length: 1_000 }, (_, i) => i).join();
    const { columns } = await ofText(`${row}\n${row}\n`);
    expect([columns.length, columns[999]?.min]).toEqual([1_000, 999]);
  });

  it('shows the start of a long cell, and tells long cells apart', async () => {
    const start = 'é'.repeat(300);
    const { columns } = await ofText(`a\n${start}1\n${start}2\n${start}2\n`);
    expect(columns[0]).toMatchObject({
      distinct: 2,
      mostFrequent: [{ value: `${'é'.repeat(200)}…`, count: 2 }, { count: 1 }],
    });
  });
});

describe('csv.summary of a url', () => {
  it('reads the file', async () => {
    const origin = await serve((request, response) => response.end(`path\n${request.url}\n`));
    expect((await ofUrl(`${origin}/a.csv`)).columns).toMatchObject([{ name: 'path', min: '/a.csv' }]);
  });

  it('reads UTF-16 with a byte order mark, and characters cut by a chunk', async () => {
    const utf16 = await serve((_request, response) => response.end(Buffer.from('\uFEFFa\né\n', 'utf16le')));
    expect((await ofUrl(utf16)).columns).toMatchObject([{ name: 'a', min: 'é' }]);
    const [first, second] = [Buffer.from('a\né\n').subarray(0, 3), Buffer.from('a\né\n').subarray(3)];
    const cut = await serve((_request, response) => response.write(first, () => response.end(second)));
    expect((await ofUrl(cut)).columns).toMatchObject([{ min: 'é' }]);
  });

  it('replaces what cannot be stored', async () => {
    const origin = await serve((_request, response) => response.end('a\u0000\nb\u0000\n'));
    expect((await ofUrl(origin)).columns).toMatchObject([
      { name: 'a\uFFFD', min: 'b\uFFFD', mostFrequent: [{ value: 'b\uFFFD' }] },
    ]);
  });

  it('fails like http.request', async () => {
    const origin = await serve((request, response) => {
      if (request.url === '/broken') {
        response.writeHead(200, { 'content-length': 1_000 }).write('a\n1\n', () => response.destroy());
      } else response.writeHead(Number(request.url?.slice(1)), { 'retry-after': '3' }).end();
    });
    await expect(ofUrl(`${origin}/404`)).rejects.toMatchObject({ name: 'PermanentError', code: 'http_404' });
    await expect(ofUrl(`${origin}/503`)).rejects.toMatchObject({ name: 'RetryAfterError', retryAfter: 3_000 });
    await expect(ofUrl(`${origin}/broken`)).rejects.toMatchObject({ name: 'TransientError', code: 'network_error' });
    const refused = csvSummary.handler({ url: origin, delimiter: ',' }, createContext());
    await expect(refused).rejects.toMatchObject({ name: 'PermanentError', code: 'address_refused' });
  });

  it('lets go of the rest of a malformed file', async () => {
    let closed = false;
    const origin = await serve((_request, response) => {
      response.on('close', () => {
        closed = true;
      });
      response.write(`a\n5" pipe\n${'x\n'.repeat(1_000)}`);
    });
    await expect(ofUrl(origin)).rejects.toMatchObject({ code: 'invalid_csv' });
    await expect.poll(() => closed).toBe(true);
  });

  it('stops when told to', async () => {
    const abort = new AbortController();
    const reason = new Error('cancelled');
    let closed = false;
    const origin = await serve((_request, response) => {
      response.on('close', () => {
        closed = true;
      });
      response.write('a\n1\n', () => abort.abort(reason));
    });
    await expect(ofUrl(origin, createContext({ signal: abort.signal }))).rejects.toBe(reason);
    await expect.poll(() => closed).toBe(true);
  });
});

describe('the payload of csv.summary', () => {
  it.each([
    ['', {}, 'give either text or url'],
    ['', { text: 'a', url: 'https://example.org/' }, 'give either text or url'],
    ['url', { url: 'file:///etc/passwd' }, 'must be an http or https URL'],
    ['delimiter', { text: 'a', delimiter: '"' }, 'must be one character, and neither a quote nor a line break'],
    ['delimiter', { text: 'a', delimiter: '' }, 'must be one character, and neither a quote nor a line break'],
  ])('%s is refused in %j', async (path, payload, message) => {
    expect(await problemsOf(csvSummary, payload)).toEqual({ [path]: message });
  });

  it('says in its JSON Schema that it is one or the other', () => {
    const schema = csvSummary.payload['~standard'].jsonSchema.input({ target: 'draft-2020-12' });
    expect(schema).toMatchObject({ oneOf: [{ required: ['text'] }, { required: ['url'] }] });
  });
});
