/** SQL for what entering `queued` writes to a task: the end of its level's line, and a hand-over nobody has confirmed. */
export const entersQueue = `state = 'queued', ready_seq = nextval('$schema.ready_seq'), queued_at = now(),
    dispatched_at = now(), confirmed = false`;
