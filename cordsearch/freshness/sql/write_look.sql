insert into freshness.look (table_name, finished_at, began_at, finds_changes, finds_deletes)
values (%(table_name)s, %(finished_at)s, %(began_at)s, %(finds_changes)s, %(finds_deletes)s)
on conflict (table_name, finished_at) do nothing;
