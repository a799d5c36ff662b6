-- Grain: one row per kind of job that is waiting, under way or failed, as the job queue has them.
select
    task_name as task,
    status::text as status,
    count(*) as jobs
from worker.procrastinate_jobs
where status in ('todo', 'doing', 'failed')
group by task_name, status
order by task_name, status
