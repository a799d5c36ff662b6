insert into bronze.dead_row (source_name, table_name, row_key, column_name, reason, raw)
values (%(source_name)s, %(table_name)s, %(row_key)s, %(column_name)s, %(reason)s, %(raw)s);
