import { createCatalogue } from '@navette/domain';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createContext } from '../test/handler-context.ts';
import catalogue, { builtInTasks, csvSummary } from './index.ts';

const loaded = vi.hoisted(() => new Set<string>());
vi.mock('undici', async (original) => {
  loaded.add('undici');
  return original();
});
vi.mock('csv-parse', async (original) => {
  loaded.add('csv-parse');
  return original();
});

describe('the built-in catalogue', () => {
  afterEach(() => loaded.clear());

  it('loads what handlers need only when one runs', async () => {
    expect(builtInTasks().length).toBeGreaterThan(0);
    expect([...loaded]).toEqual([]);
    await csvSummary.handler({ text: 'a\n1', delimiter: ',' }, createContext());
    expect([...loaded].sort()).toEqual(['csv-parse', 'undici']);
  });

  it('has the six types, all on the default queue and described', () => {
    expect(createCatalogue(catalogue).names()).toEqual([
      'demo.echo',
      'demo.sleep',
      'demo.flaky',
      'demo.fail',
      'http.request',
      'csv.summary',
    ]);
    expect(createCatalogue(catalogue).queues()).toEqual(['default']);
    expect(catalogue.filter((taskType) => taskType.description.length < 20)).toEqual([]);
  });

  it.each(catalogue.map((taskType) => [taskType.type, taskType] as const))('%s has a JSON Schema', (type, taskType) => {
    const schema = taskType.payload['~standard'].jsonSchema?.input({ target: 'draft-2020-12' });
    expect(schema).toMatchObject({ $schema: 'https://json-schema.org/draft/2020-12/schema' });
    if (type !== 'demo.echo') expect(schema).toMatchObject({ type: 'object', additionalProperties: false });
  });

  it.each(catalogue.filter(({ type }) => type !== 'demo.echo').map((taskType) => [taskType.type, taskType] as const))(
    '%s refuses a misspelt field',
    async (_type, taskType) => {
      const checked = await taskType.payload['~standard'].validate({ mesage: 'x' });
      expect(checked.issues?.map((issue) => issue.message)).toContain('Unrecognized key: "mesage"');
    },
  );

  it('names a range that is none', () => {
    expect(() => builtInTasks({ httpAllow: ['127.0.0.0/8', 'localhost'] })).toThrow(
      '"localhost" is not an address range',
    );
  });
});
