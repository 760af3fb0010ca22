/**
 * The life of a task, above the code that uses it:
 *
 * ```
 *             ┌──────────────── retry asked for ────────────────┐
 *             ▼                                                 │
 * scheduled → queued → running → completed ─────────────────────┤
 *     │         │  ▲      │ ├──→ failed ────────────────────────┤
 *     │         │  │      │ ├──→ cancelled ─────────────────────┤
 *     │         │  │      │ └──→ retrying → queued              │
 *     │         │  └──────┘ handed back, or its worker was lost │
 *     └─────────┴── (also from retrying) → cancelled, expired ──┘
 * ```
 */

/** Every state a task can be in, in the order of a life. */
export const taskStates = [
  'scheduled',
  'queued',
  'running',
  'retrying',
  'completed',
  'failed',
  'cancelled',
  'expired',
] as const;

/** The state of a task; see the diagram above. */
export type TaskState = (typeof taskStates)[number];

/** The legal moves. Every store enforces exactly these; the contract suite tries all pairs. */
export const legalMoves: Readonly<Record<TaskState, readonly TaskState[]>> = {
  scheduled: ['queued', 'cancelled', 'expired'],
  queued: ['running', 'cancelled', 'expired'],
  // To `queued`: handed back by its worker (interrupted, not counted), or taken from a lost worker (counted).
  running: ['completed', 'failed', 'retrying', 'cancelled', 'queued'],
  retrying: ['queued', 'cancelled', 'expired'],
  // A finished task moves again only when someone asks for a retry.
  completed: ['queued'],
  failed: ['queued'],
  cancelled: ['queued'],
  expired: ['queued'],
};

/** The states in which a task is over, until someone asks for a retry. */
export const terminalStates = ['completed', 'failed', 'cancelled', 'expired'] as const satisfies readonly TaskState[];

/** A state in which a task is over. */
export type TerminalState = (typeof terminalStates)[number];

/** Whether a task in this state is over. */
export function isTerminal(state: TaskState): state is TerminalState {
  return (terminalStates as readonly TaskState[]).includes(state);
}

/** Whether the move from one state to another is legal. */
export function canMove(from: TaskState, to: TaskState): boolean {
  return legalMoves[from].includes(to);
}
