-- reltuples is what the last ANALYZE saw; -1 when there was none
SELECT CAST(c.reltuples AS bigint)
FROM pg_class AS c
INNER JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = :schema_name AND c.relname = :table_name
