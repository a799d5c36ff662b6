delete from worker.table_problem
where table_name = any(%(tables)s::text[]);
