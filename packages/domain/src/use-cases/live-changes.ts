import type { Log } from '../ports/log.ts';
import type { System } from '../ports/system.ts';
import type { TaskEvent, TaskEvents } from '../ports/task-events.ts';
import type { TaskFeed, TaskSummary } from '../ports/task-feed.ts';

/** That a task changed; `progress`: nothing but its progress. */
export interface TaskChange {
  readonly kind: 'state' | 'progress';
  readonly task: TaskSummary;
}

/** Somebody who is told of every change, as soon as it is known. */
export interface ChangeListener {
  changed(changes: readonly TaskChange[]): void;
  /** All that was committed before this position has been told. */
  reached(position: string): void;
}

/** Somebody has joined. */
export interface Joined {
  /** What was committed after it is told. */
  readonly position: string;
  leave(): void;
}

/** Tells many listeners of every change of every task, and reads each change once. */
export interface LiveChanges {
  /** Starts to listen: what is committed from now on is told. */
  join(listener: ChangeListener): Promise<Joined>;
  /** A hint of this process itself that a task changed. Costs nothing while nobody listens. */
  notice(taskId: string): void;
}

/** What it needs. */
export interface LiveChangesDeps {
  readonly feed: TaskFeed;
  readonly events: TaskEvents;
  readonly system: Pick<System, 'after' | 'monotonicMs'>;
  readonly log: Log;
}

/** How often everything that changed is read, ms: a lost hint, or a change that none tells of, costs this much. */
const passEveryMs = 2_000;
/** Passes take no more than this part of the time, however many tasks wait. */
const passShare = 0.05;
/** Hints are gathered for so long before the tasks are read, ms. */
const gatherMs = 10;
const tasksAtOnce = 500;
/** More tasks than this that wait to be read are left to the next pass. */
const maxHinted = 10_000;

/** Makes it. Nothing is read while nobody listens. */
export function createLiveChanges(deps: LiveChangesDeps): LiveChanges {
  const { events, log } = deps;
  const listeners = new Set<ChangeListener>();
  let session: Promise<Session> | undefined;
  let hinted: ((taskId: string) => void) | undefined;
  let listening: Promise<unknown> | undefined;

  const listen = () => {
    listening ??= events
      .subscribe(undefined, (event: TaskEvent) => hinted?.(event.taskId))
      .catch((error: unknown) => {
        listening = undefined;
        log.debug({ err: error }, 'no events can be heard, changes are read now and then');
      });
    return listening;
  };

  const begin = async () => {
    await listen();
    const begun = createSession(deps, listeners, await deps.feed.position());
    hinted = begun.hinted;
    return begun;
  };

  const leave = (listener: ChangeListener) => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    hinted = undefined;
    const last = session;
    session = undefined;
    last?.then(
      ({ end }) => end(),
      () => {},
    );
  };

  return {
    join: async (listener) => {
      listeners.add(listener);
      session ??= begin();
      try {
        const { position } = await session;
        return { position: position(), leave: () => leave(listener) };
      } catch (error) {
        leave(listener);
        throw error;
      }
    },
    notice: (taskId) => hinted?.(taskId),
  };
}

interface Session {
  position(): string;
  hinted(taskId: string): void;
  end(): void;
}

/** Reads changes from a position on, for as long as somebody listens. */
function createSession(
  { feed, system, log }: LiveChangesDeps,
  listeners: ReadonlySet<ChangeListener>,
  start: string,
): Session {
  let position = start;
  let ended = false;
  let cancelPass = () => {};
  let gathering = false;
  const waiting = new Set<string>();
  /** Versions that have been told and may be read again: a position does not part what lies close to it. */
  let told = new Map<string, number>();
  let toldInPass: Map<string, number> | undefined;
  /** The attempt under which each running task has been told. */
  const running = new Map<string, string>();

  const changeOf = (task: TaskSummary): TaskChange => {
    const before = running.get(task.id);
    if (task.state !== 'running') running.delete(task.id);
    else running.set(task.id, `${task.attempt} ${task.cancellation !== null}`);
    return { kind: before !== undefined && before === running.get(task.id) ? 'progress' : 'state', task };
  };

  const tell = (tasks: readonly TaskSummary[]) => {
    const news = tasks.filter(({ id, version }) => (told.get(id) ?? 0) < version);
    for (const { id, version } of news) told.set(id, version);
    for (const { id } of tasks) toldInPass?.set(id, told.get(id) as number);
    if (news.length === 0 || ended) return;
    const changes = news.map(changeOf);
    for (const listener of listeners) listener.changed(changes);
  };

  const readHinted = async () => {
    while (waiting.size > 0 && !ended) {
      const ids = [...waiting].slice(0, tasksAtOnce);
      for (const id of ids) waiting.delete(id);
      tell(await feed.summaries(ids));
    }
  };

  const gather = () => {
    if (gathering) return;
    gathering = true;
    system.after(gatherMs, () => {
      readHinted()
        .catch((error: unknown) => log.debug({ err: error }, 'could not read what changed, the next pass will'))
        .then(() => {
          gathering = false;
          if (waiting.size > 0 && !ended) gather();
        });
    });
  };

  const pass = async () => {
    const next = await feed.position();
    toldInPass = new Map();
    let cursor: string | null = null;
    do {
      const page = await feed.changes(position, {}, tasksAtOnce, cursor);
      tell(page.tasks);
      cursor = page.next;
    } while (cursor !== null && !ended);
    told = toldInPass;
    position = next;
    if (!ended) for (const listener of listeners) listener.reached(position);
  };

  const passLater = (delayMs: number) => {
    cancelPass = system.after(delayMs, () => {
      const startedAt = system.monotonicMs();
      pass()
        .catch((error: unknown) => log.debug({ err: error }, 'could not read all that changed, trying again'))
        .then(() => {
          toldInPass = undefined;
          const tookMs = system.monotonicMs() - startedAt;
          if (!ended) passLater(Math.max(passEveryMs, tookMs / passShare));
        });
    });
  };
  passLater(passEveryMs);

  return {
    position: () => position,
    hinted: (taskId) => {
      if (waiting.size >= maxHinted) return;
      waiting.add(taskId);
      gather();
    },
    end: () => {
      ended = true;
      cancelPass();
    },
  };
}
