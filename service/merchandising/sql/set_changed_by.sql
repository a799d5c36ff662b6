-- Who makes the changes of this transaction; the audit's trigger reads it.
-- $1 name
select set_config('cordsearch.changed_by', $1::text, true)
