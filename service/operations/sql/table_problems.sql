-- Grain: one row per source table that cannot be read now.
select
    source_name,
    table_name,
    reason,
    failures,
    first_at
from worker.table_problem
order by source_name, table_name
