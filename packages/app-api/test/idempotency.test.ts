import { describe, expect, it } from 'vitest';
import { createApi } from './api.ts';

const submission = { type: 'test.echo', payload: { a: 1, b: 2 } };

describe('Idempotency-Key', () => {
  it.each([
    ['bare, then quoted', { 'Idempotency-Key': 'k-1' }, { 'Idempotency-Key': '"k-1"' }],
    ['quoted with escapes, then bare', { 'Idempotency-Key': '"k\\"\\\\1"' }, { 'Idempotency-Key': 'k"\\1' }],
  ])('replays the same request: %s', async (_, first, second) => {
    const api = createApi();
    const accepted = await api.submit(submission, first);
    const replayed = await api.submit(submission, second);
    expect([accepted.status, replayed.status]).toEqual([202, 200]);
    expect(replayed.headers.get('idempotent-replayed')).toBe('true');
    expect(replayed.headers.get('location')).toBe(`/tasks/${accepted.body.id}`);
    expect(replayed.body).toEqual(accepted.body);
    expect((await api.get('/tasks')).body.items).toHaveLength(1);
  });

  it('answers a replay with the task as it is now', async () => {
    const api = createApi();
    const { body } = await api.submit({ ...submission, idempotencyKey: 'k' });
    await api.post(`/tasks/${body.id}/cancel`);
    const replayed = await api.submit(submission, { 'Idempotency-Key': 'k', Prefer: 'wait=5' });
    expect([replayed.status, replayed.body.state]).toEqual([200, 'cancelled']);
    expect(replayed.headers.get('preference-applied')).toBe('wait=5');
  });

  it('takes the same JSON written another way for the same request', async () => {
    const api = createApi();
    await api.submit('{"type":"test.echo","payload":{"a":1,"b":2}}', { 'Idempotency-Key': 'k' });
    const again = '{"idempotencyKey":"k", "payload": {"b": 2.0, "a": 1}, "type": "test.echo"}';
    expect((await api.submit(again)).status).toBe(200);
  });

  it.each([
    ['another payload', { ...submission, payload: { a: 2 } }],
    ['another type', { ...submission, type: 'test.foreign' }],
    ['a default spelt out', { ...submission, priority: 'normal' }],
  ])('refuses the key for another request: %s', async (_, other) => {
    const api = createApi();
    const { body } = await api.submit(submission, { 'Idempotency-Key': 'k' });
    const refused = await api.submit(other, { 'Idempotency-Key': 'k' });
    expect(refused.status).toBe(422);
    expect(refused.body).toMatchObject({ code: 'idempotency_key_reused', taskId: body.id });
  });

  it('compares what was sent, not what it means', async () => {
    const api = createApi();
    const sentAt = (runAt: string) => api.submit({ ...submission, runAt }, { 'Idempotency-Key': 'k' });
    expect((await sentAt('2026-01-02T00:00:00Z')).status).toBe(202);
    expect((await sentAt('2026-01-02T01:00:00+01:00')).body.code).toBe('idempotency_key_reused');
    expect((await sentAt('2026-01-02T00:00:00Z')).status).toBe(200);
  });

  it('gives twins that arrive at once one task', async () => {
    const api = createApi();
    const twins = await Promise.all([1, 2, 3].map(() => api.submit(submission, { 'Idempotency-Key': 'k' })));
    expect(twins.map(({ status }) => status).sort()).toEqual([200, 200, 202]);
    expect(new Set(twins.map(({ body }) => body.id)).size).toBe(1);
  });

  it('does not use up the key for a refused request', async () => {
    const api = createApi();
    expect((await api.submit({ type: 'test.resize', payload: {} }, { 'Idempotency-Key': 'k' })).status).toBe(422);
    const mended = await api.submit({ type: 'test.resize', payload: { width: 1 } }, { 'Idempotency-Key': 'k' });
    expect(mended.status).toBe(202);
  });

  it('keeps the keys of API keys apart', async () => {
    const api = createApi({
      apiKeys: [
        { name: 'one', secret: 'secret-one' },
        { name: 'two', secret: 'secret-two' },
      ],
    });
    const as = (secret: string) => ({ 'Idempotency-Key': 'k', Authorization: `Bearer ${secret}` });
    const one = await api.submit(submission, as('secret-one'));
    const two = await api.submit({ ...submission, payload: 'other' }, as('secret-two'));
    expect([one.status, two.status]).toEqual([202, 202]);
    expect((await api.submit(submission, as('secret-one'))).status).toBe(200);
  });

  it('takes header and field together if they agree', async () => {
    const { status } = await createApi().submit({ ...submission, idempotencyKey: 'k' }, { 'Idempotency-Key': '"k"' });
    expect(status).toBe(202);
  });

  it.each([
    ['differs from the field', 'other'],
    ['empty', ''],
    ['quoted nothing', '""'],
    ['open quote', '"k'],
    ['quote inside quotes', '"a"b"'],
    ['with a space', 'a b'],
    ['two of them', 'k, k'],
    ['too long', 'k'.repeat(256)],
    ['not ASCII', 'kéy'],
  ])('refuses a header that is not the key: %s', async (_, header) => {
    const api = createApi();
    const { status, body } = await api.submit({ ...submission, idempotencyKey: 'k' }, { 'Idempotency-Key': header });
    expect(status).toBe(422);
    expect(body).toMatchObject({ code: 'invalid_request', errors: [{ pointer: '#/idempotencyKey' }] });
    expect((await api.get('/tasks')).body.items).toEqual([]);
  });

  it.each([
    ['k'.repeat(256), 'as the header Idempotency-Key: must have at most 255 characters'],
    ['"k', 'as the header Idempotency-Key: its closing quote is missing, or out of place'],
    ['a b', 'as the header Idempotency-Key: must be 1 to 255 visible ASCII characters'],
    ['other', 'differs from the header Idempotency-Key'],
  ])('says what is wrong with a header: %s', async (header, detail) => {
    const { body } = await createApi().submit({ ...submission, idempotencyKey: 'k' }, { 'Idempotency-Key': header });
    expect(body.errors).toEqual([{ pointer: '#/idempotencyKey', detail }]);
  });
});
