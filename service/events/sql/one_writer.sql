-- One batch is written at a time, whoever writes it: batches share rows of the counts, and would lock them in any order.
-- And none reads a whole table: every row it looks for has an index, whatever the statistics of a young table say.
select
    pg_advisory_xact_lock(hashtextextended('cordsearch.events.write', 0)),
    set_config('enable_seqscan', 'off', true),
    set_config('enable_hashjoin', 'off', true),
    set_config('enable_mergejoin', 'off', true)
