import { type TaskEvent, taskStates } from '@navette/domain';
import { describe, expect, it } from 'vitest';
import { decodeEvents, encodeEvents } from './event-message.ts';

describe('a message of events', () => {
  it('carries every event as it is', () => {
    const events: TaskEvent[] = [
      ...taskStates.map((state) => ({ kind: 'state' as const, taskId: 'a', state })),
      { kind: 'progress', taskId: 'b' },
      { kind: 'log', taskId: 'c' },
      { kind: 'cancel', taskId: 'd' },
    ];
    expect(decodeEvents(encodeEvents('me', events))).toEqual({ origin: 'me', events });
  });

  it('leaves out what a newer version may add', () => {
    const events = [
      { kind: 'moon', taskId: 'a' },
      { kind: 'state', taskId: 'a', state: 'dreaming' },
      { kind: 'log' },
      null,
      'log',
      { kind: 'log', taskId: 'b' },
    ];
    expect(decodeEvents(JSON.stringify({ origin: 'me', events }))?.events).toEqual([{ kind: 'log', taskId: 'b' }]);
  });

  it.each(['', 'moon', 'null', '[]', '{}', '{"origin":"me"}', '{"origin":1,"events":[]}'])('is not %j', (message) => {
    expect(decodeEvents(message)).toBeUndefined();
  });
});
