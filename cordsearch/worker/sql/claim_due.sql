-- Grain: one row per duty that is due and that no job is waiting or at work for. One worker gets each.
update duty
set next_at = now() + make_interval(secs => asked.seconds)
from unnest(%(names)s::text[], %(seconds)s::float8[]) as asked (name, seconds)
where
    duty.name = asked.name
    and duty.next_at <= now()
    and not exists (
        select from procrastinate_jobs as job
        where job.lock = asked.name and job.status in ('todo', 'doing')
    )
returning duty.name;
