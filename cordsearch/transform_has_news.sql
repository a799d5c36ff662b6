-- Grain: one row: whether a run has anything to do: an event that was not taken yet, or a product an earlier run left.
select
    exists (select from staging_intermediate.touched_product)
    or exists (
        select
        from staging_intermediate.source_position as position
        where
            pg_sequence_last_value(
                pg_get_serial_sequence(format('bronze.%I', position.table_name || '_cdc'), 'event_id')::regclass
            ) > position.event_id
    ) as has_news;
