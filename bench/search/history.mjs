// A history as a service has it after three months: what is in it, and how it is loaded.

/** What the history is made of. */
export const shape = {
  days: 90,
  // Share of each type, and the queue it belongs to.
  types: [
    ['email.send', 0.6, 'default'],
    ['http.request', 0.25, 'default'],
    ['image.resize', 0.1, 'media'],
    ['csv.summary', 0.049, 'reports'],
    ['report.yearly', 0.001, 'reports'],
  ],
};

const pick = (column, choices) => {
  let sum = 0;
  const whens = choices.slice(0, -1).map(([value, share]) => {
    sum += share;
    return `when ${column} < ${sum} then '${value}'`;
  });
  return `case ${whens.join(' ')} else '${choices.at(-1)[0]}' end`;
};

/**
 * Loads a history of so many tasks into an empty schema, in order of submission. 95 % have ended, the newest 5 % are
 * open. Every task with a tag has a customer (very unlike ones), a region and an order of its own.
 */
export async function loadHistory(pool, schema, rows) {
  await pool.query('select setseed(0.42)');
  const queueOf = shape.types.map(([type, , queue]) => `when '${type}' then '${queue}'`).join(' ');
  await pool.query(`
    insert into ${schema}.tasks (
      id, type, queue, state, priority, ready_seq, payload, result, error_code, error_message, attempt, spent,
      max_attempts, backoff, timeout_ms, tags, submitted_at, run_at, queued_at, started_at, finished_at, worker,
      dispatched_at, confirmed, cancel_requested_at, cancel_outcome
    )
    select
      (lpad(to_hex(floor(extract(epoch from at) * 1000)::bigint), 12, '0') || '7' || substr(md5(i::text), 1, 3) || '8' ||
        substr(md5(i::text), 4, 15))::uuid,
      type, case type ${queueOf} end, state, 2, i,
      json_build_object('to', 'user' || i || '@example.com', 'subject', 'your order ' || i, 'text', repeat('lorem ipsum ', 10)),
      case when state = 'completed' then json_build_object('messageId', md5(i::text)) end,
      error, case when error is not null then 'what happened was ' || error end,
      case when state in ('completed', 'failed', 'running', 'retrying') then 1 else 0 end,
      case when state in ('completed', 'failed', 'retrying') then 1 else 0 end,
      3, '{"kind":"exponential","delayMs":1000}', 60000,
      case when tagged < 0.8 then array[
        'customer:' || floor(power(customer, 3) * 20000),
        'region:' || (array['eu', 'us', 'apac'])[1 + floor(region * 3)::int],
        'order:' || i
      ] else '{}' end,
      at,
      case when state in ('scheduled', 'retrying') then now() + interval '1 day' end,
      case when state not in ('scheduled', 'retrying') then at end,
      case when state in ('completed', 'failed', 'running', 'retrying') then at + wait end,
      case when state in ('completed', 'failed', 'cancelled', 'expired') then at + wait + took end,
      case when state in ('running', 'completed') then gen_random_uuid() end,
      at, true,
      case when state = 'cancelled' then at + wait end, case when state = 'cancelled' then 'acknowledged' end
    from (
      select *,
        case
          when state = 'failed' then ${pick('failing', [
            ['handler_error', 0.6],
            ['timed_out', 0.25],
            ['http_503', 0.1],
            ['worker_lost', 0.049],
            ['card_declined', 0.001],
          ])}
          when state = 'retrying' then 'http_503'
        end as error
      from (
        select i,
          now() - (${rows} - i) * interval '${shape.days} days' / ${rows} as at,
          ${pick('typed', shape.types)} as type,
          case when i <= ${rows} * 0.95
            then ${pick('ended', [
              ['completed', 0.93],
              ['failed', 0.05],
              ['cancelled', 0.015],
              ['expired', 0.005],
            ])}
            else ${pick('ended', [
              ['queued', 0.8],
              ['scheduled', 0.15],
              ['retrying', 0.045],
              ['running', 0.005],
            ])}
          end as state,
          tagged, customer, region, failing, power(waiting, 8) * interval '6 hours' as wait, taking * interval '20 s' as took
        from (
          select i, random() typed, random() ended, random() tagged, random() customer, random() region,
            random() failing, random() waiting, random() taking
          from generate_series(1, ${rows}) i offset 0
        ) chance
      ) life
    ) task`);
  await pool.query(`
    insert into ${schema}.attempts (task_id, number, outcome, worker, started_at, finished_at, error_code, error_message)
    select id, 1, 'failed', gen_random_uuid(), started_at, coalesce(finished_at, started_at), error_code, error_message
    from ${schema}.tasks where state in ('failed', 'retrying')`);
  await pool.query(`select setval('${schema}.ready_seq', ${rows + 1})`);
  await pool.query(`vacuum analyze ${schema}.tasks`);
  await pool.query(`vacuum analyze ${schema}.attempts`);
}
