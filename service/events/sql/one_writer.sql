-- One batch is written at a time, whoever writes it: batches share rows of the counts, and would lock them in any order.
select pg_advisory_xact_lock(hashtextextended('cordsearch.events.write', 0))
