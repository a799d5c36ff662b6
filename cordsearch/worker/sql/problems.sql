select table_name, reason, next_at > now() as is_left_out
from worker.table_problem
where table_name = any(%(tables)s::text[]);
