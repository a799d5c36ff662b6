-- Grain: one row per source table.
select *
from freshness.table_age
order by table_name;
