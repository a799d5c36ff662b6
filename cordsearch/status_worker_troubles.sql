-- Grain: one row per duty of the worker whose last run failed, and per table it leaves out for now.
select
    duty.name,
    duty.failures,
    duty.error
from worker.duty
where duty.error is not null
union all
select
    problem.table_name,
    problem.failures,
    problem.reason
from worker.table_problem as problem
order by 1;
