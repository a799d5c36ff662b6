-- Grain: one row: workers that were heard of within half a minute.
select count(*) as workers
from worker.procrastinate_workers
where last_heartbeat > now() - interval '30 seconds';
