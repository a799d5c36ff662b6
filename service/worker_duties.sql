-- Grain: one row per duty of the workers: how often in a row it failed; 0 when its last run did not.
select
    duty.name as duty,
    duty.failures
from worker.duty as duty
order by duty.name
