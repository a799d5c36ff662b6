-- Grain: one row per job that this worker took and does not work on: the connection broke when it said that it was done.
select id
from procrastinate_jobs
where status = 'doing' and worker_id = %(worker_id)s and id <> all(%(running)s::bigint[]);
