-- Grain: one row per kind of job and status, as the job queue has them.
select
    task_name as task,
    status::text as status,
    count(*) as jobs
from worker.procrastinate_jobs
group by task_name, status
order by task_name, status
