-- How far the index build of one server process is, in pages of the table. One row while it scans the table, else none.
select
    progress.blocks_done,
    progress.blocks_total
from pg_stat_progress_create_index as progress
where
    progress.pid = %(process_id)s
    and progress.blocks_total > 0
