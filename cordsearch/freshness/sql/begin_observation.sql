-- One observer at a time: what is found out now must not be written after what was found out later. Waiting is bounded.
-- Seconds lost in a crash of the server are observed again, so no write waits for the disk.
set lock_timeout = '10s';
set statement_timeout = '60s';
set client_min_messages = warning;
set synchronous_commit = off;
select pg_advisory_lock(hashtextextended('cordsearch.freshness', 0));
