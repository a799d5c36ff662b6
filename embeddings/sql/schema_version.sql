-- Which create_schema.sql made the schema; null when none did.
select obj_description(to_regnamespace('embeddings'), 'pg_namespace');
