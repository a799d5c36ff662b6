-- Whether this transaction may forget; only one at a time does.
select pg_try_advisory_xact_lock(hashtextextended('cordsearch.events.expiry', 0)) as is_mine
