-- Processes of the server that work for a worker or for the dbt it runs.
select pid
from pg_stat_activity
where application_name = any(%(names)s)
