-- Rows that bronze holds in the range that was looked at (and, with keys, of these keys) and the source no longer has.
-- Refused rows exist at the source although no page brings them.
delete from bronze.{state} as known
where
    known.row_key between %(first_key)s and %(last_key)s
    and (%(keys)s::bigint[] is null or known.row_key = any(%(keys)s::bigint[]))
    and known.row_key <> all(%(refused)s::bigint[])
    and not exists (
        select from pg_temp.incoming_change as incoming
        where incoming.row_key = known.row_key
    )
returning known.row_key, known.event_id;
