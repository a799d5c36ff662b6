-- How many dimensions the vector column holds; -1 when it takes any.
select atttypmod from pg_attribute
where attrelid = to_regclass('staging_marts.dim_product_search') and attname = 'embedding' and not attisdropped;
