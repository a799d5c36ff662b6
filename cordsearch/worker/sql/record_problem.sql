-- The pause doubles with each failure, up to five minutes.
insert into worker.table_problem as known (source_name, table_name, reason, next_at)
values (%(source_name)s, %(table_name)s, %(reason)s, now() + interval '2 seconds')
on conflict (source_name, table_name) do update
set
    reason = excluded.reason,
    failures = known.failures + 1,
    last_at = now(),
    next_at = now() + least(interval '5 minutes', interval '2 seconds' * power(2, least(known.failures, 10)));
