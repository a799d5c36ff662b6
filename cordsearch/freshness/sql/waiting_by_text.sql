-- Products whose text is newer than their document, at most so many. Reads the whole mart (0.5 s at full size): asked
-- only while the mart does not queue its changes yet.
select
    product_id,
    null::timestamptz as since
from staging_marts.dim_product_search
where content_hash is distinct from indexed_content_hash
limit %(bound)s;
