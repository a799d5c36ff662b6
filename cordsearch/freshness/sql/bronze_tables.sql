-- Grain: one row per bronze table: the highest event id given out, and whether an index leads with event_id.
select
    relation.relname as bronze_table,
    coalesce(
        pg_sequence_last_value(pg_get_serial_sequence(format('bronze.%%I', relation.relname), 'event_id')::regclass), 0
    ) as newest_event_id,
    exists (
        select
        from pg_index as indexed
        inner join pg_attribute as attribute
            on indexed.indrelid = attribute.attrelid and indexed.indkey[0] = attribute.attnum
        where
            indexed.indrelid = relation.oid
            and indexed.indisvalid
            and indexed.indpred is null
            and attribute.attname = 'event_id'
    ) as has_index
from pg_class as relation
where
    relation.relnamespace = 'bronze'::regnamespace
    and relation.relkind = 'r'
    and relation.relname = any(%(tables)s::text[]);
