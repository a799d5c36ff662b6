-- Grain: one row per duty of the workers: how its last run went.
select
    duty.name as duty,
    duty.finished_at,
    duty.seconds,
    duty.outcome,
    duty.outcome_at,
    duty.error,
    duty.failures
from worker.duty as duty
order by duty.name
