-- A refused row is read again in every overlap; it is kept once.
insert into bronze.dead_row (source_name, table_name, row_key, column_name, reason, raw)
select %(source_name)s, %(table_name)s, %(row_key)s, %(column_name)s, %(reason)s, %(raw)s
where not exists (
    select from bronze.dead_row
    where
        source_name = %(source_name)s and table_name = %(table_name)s and row_key = %(row_key)s
        and column_name = %(column_name)s and reason = %(reason)s and raw = %(raw)s
);
