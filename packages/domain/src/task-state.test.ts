import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canMove, isTerminal, legalMoves, taskStates, terminalStates } from './task-state.ts';

const anyState = fc.constantFrom(...taskStates);

describe('the table of legal moves', () => {
  it('moves only between known states, and never to the state it comes from', () => {
    for (const [from, targets] of Object.entries(legalMoves)) {
      for (const to of targets) {
        expect(taskStates).toContain(to);
        expect(to).not.toBe(from);
      }
    }
  });

  it('leaves a terminal state only to be queued again', () => {
    for (const state of terminalStates) expect(legalMoves[state]).toEqual(['queued']);
  });

  it('starts an attempt only from queued', () => {
    expect(taskStates.filter((from) => canMove(from, 'running'))).toEqual(['queued']);
  });

  it('lets every waiting task be cancelled or expire, and no running one expire', () => {
    for (const state of ['scheduled', 'queued', 'retrying'] as const) {
      expect(canMove(state, 'cancelled') && canMove(state, 'expired')).toBe(true);
    }
    expect(canMove('running', 'expired')).toBe(false);
  });

  it('has a way from every state to a terminal one', () => {
    fc.assert(
      fc.property(anyState, (start) => {
        const seen = new Set([start]);
        for (const state of seen) for (const next of legalMoves[state]) seen.add(next);
        return [...seen].some(isTerminal);
      }),
    );
  });

  it('can reach every state from the two in which a task begins', () => {
    const seen = new Set<(typeof taskStates)[number]>(['scheduled', 'queued']);
    for (const state of seen) for (const next of legalMoves[state]) seen.add(next);
    expect([...seen].sort()).toEqual([...taskStates].sort());
  });

  it('counts a walk of legal moves as over only when it stands in a terminal state', () => {
    const walk = fc.array(fc.nat({ max: 20 }), { maxLength: 30 });
    fc.assert(
      fc.property(fc.constantFrom('scheduled' as const, 'queued' as const), walk, (start, choices) => {
        let state: (typeof taskStates)[number] = start;
        for (const choice of choices) {
          const targets: readonly (typeof taskStates)[number][] = legalMoves[state];
          const next: (typeof taskStates)[number] = targets[choice % targets.length]!;
          if (isTerminal(state)) expect(next).toBe('queued');
          expect(canMove(state, next)).toBe(true);
          state = next;
        }
        expect(isTerminal(state)).toBe((terminalStates as readonly string[]).includes(state));
      }),
    );
  });
});
