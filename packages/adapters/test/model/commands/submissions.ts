import {
  type AnyTaskType,
  IdempotencyKeyReusedError,
  isTerminal,
  priorities,
  StoreUnavailableError,
  type SubmitRequest,
} from '@navette/domain';
import fc from 'fast-check';
import { expect } from 'vitest';
import { typeNames } from '../handlers.ts';
import { type KeyedRequest, keepKeysMs, type World } from '../model.ts';
import { anyPick, type Command, command, oneIn, picked } from './command.ts';

const plain = { noNullPrototype: true } as const;
const anyMs = (most: number) => fc.integer({ min: 0, max: most });

const anyRequest = fc.record(
  {
    type: fc.constantFrom(...typeNames),
    payload: fc.boolean().map((obeys) => ({ obeys })),
    priority: fc.constantFrom(...priorities),
    delayMs: fc.option(anyMs(10_000), { nil: undefined, freq: 2 }),
    timeoutMs: fc.integer({ min: 1_000, max: 20_000 }),
    retry: fc.record(
      { maxAttempts: fc.integer({ min: 1, max: 5 }), backoff: anyMs(12_000).map((delayMs) => ({ delayMs })) },
      plain,
    ),
    idempotencyKey: fc.option(fc.constantFrom('a', 'b', 'c'), { nil: undefined, freq: 2 }),
  },
  plain,
);

const anySubmission = fc.record(
  {
    request: anyRequest,
    expiresInMs: fc.option(anyMs(12_000), { nil: undefined, freq: 4 }),
    replyIsLost: oneIn(4),
  },
  plain,
);

/** More open tasks than this only make the runs slower. */
const maxOpen = 10;

function hasRoom({ witness }: World): boolean {
  return [...witness.tasks.values()].filter(({ task }) => !isTerminal(task.state)).length < maxOpen;
}

const submit = command(
  'submit',
  anySubmission,
  async (world, { request: given, expiresInMs, replyIsLost }) => {
    const expiresAt = expiresInMs === undefined ? undefined : new Date(world.system.now().getTime() + expiresInMs);
    const request = { ...given, expiresAt };
    await submitAs(world, request, replyIsLost);
    // Without a key it would be another task: such a client cannot ask again.
    if (replyIsLost && request.idempotencyKey) await submitAs(world, request);
  },
  hasRoom,
);

const submitAgain = command(
  'submit again',
  anyPick,
  (world, pick) => submitAs(world, picked(world.keyed.values(), pick).request),
  ({ keyed }) => keyed.size > 0,
);

/** With a key it would have to be known here what another transaction has taken. */
const anyKeyless = anyRequest.map((request) => ({ ...request, idempotencyKey: undefined }));

const submitMany = command(
  'submit many',
  fc.record({ requests: fc.array(anyKeyless, { minLength: 2, maxLength: 4 }), atomic: fc.boolean() }, plain),
  async ({ api, witness }, { requests, atomic }) => {
    const before = witness.tasks.size;
    await api.navette.submitRequests(
      requests.map((request) => ({ request })),
      { atomic },
    );
    expect(witness.tasks.size - before, 'one task for each request').toBe(requests.length);
  },
  hasRoom,
);

const submitWithin = command(
  'submit in a transaction',
  fc.record({ requests: fc.array(anyKeyless, { minLength: 1, maxLength: 3 }), commits: fc.boolean() }, plain),
  async ({ api, begin, witness }, { requests, commits }) => {
    const before = witness.tasks.size;
    const transaction = begin();
    const submitter = api.navette.within(transaction);
    for (const { type, payload, ...options } of requests) {
      await submitter.submit(api.navette.catalogue.get(type) as AnyTaskType, payload, options);
    }
    expect(witness.tasks.size, 'nothing is there before the commit').toBe(before);
    await (commits ? transaction.commit() : transaction.rollback());
    expect(witness.tasks.size - before, 'what is committed, and nothing else').toBe(commits ? requests.length : 0);
  },
  hasRoom,
);

/** Submits, and expects what the idempotency key makes of it: one task for a key, and for one request only. */
async function submitAs(world: World, request: SubmitRequest, replyIsLost = false): Promise<void> {
  const { api, keyed, system, witness } = world;
  const { idempotencyKey: key } = request;
  const known = key === undefined ? undefined : presentOf(world, key);
  const before = [...witness.tasks.keys()];
  if (replyIsLost) api.link.losing.add('insert');
  const [answer] = await Promise.allSettled([api.navette.submitRequest(request)]);
  const made = [...witness.tasks.keys()].filter((id) => !before.includes(id));
  expect(made, 'one task for each request, and for each key').toHaveLength(known ? 0 : 1);
  if (replyIsLost) expect(answer).toMatchObject({ reason: expect.any(StoreUnavailableError) });
  else if (!known) expect(answer).toMatchObject({ value: { task: { id: made[0] }, replayed: false } });
  else if (known.request === request) {
    expect(answer).toMatchObject({ value: { task: { id: known.taskId }, replayed: true } });
  } else expect(answer).toMatchObject({ reason: expect.any(IdempotencyKeyReusedError) });
  const [taskId] = made;
  if (key === undefined || taskId === undefined) return;
  keyed.set(key, { request, taskId, at: system.now() });
  witness.keptUntil.set(taskId, new Date(system.now().getTime() + keepKeysMs));
}

/** What the key stands for, unless it is free again. */
function presentOf({ keyed, system, witness }: World, key: string): KeyedRequest | undefined {
  const known = keyed.get(key);
  const isKept = known && witness.tasks.has(known.taskId) && system.now().getTime() - known.at.getTime() < keepKeysMs;
  return isKept ? known : undefined;
}

/** What is submitted, and how often. */
export const submissions: fc.WeightedArbitrary<Command>[] = [
  { weight: 17, arbitrary: submit },
  { weight: 2, arbitrary: submitAgain },
  { weight: 2, arbitrary: submitMany },
  { weight: 2, arbitrary: submitWithin },
];
