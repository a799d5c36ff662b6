-- The products a boost is for. Grain: one row per product, in no order. May read the whole table: at start-up, when a
-- boost changes, and every few minutes; never in a search.
-- $1 product ids or null, $2 limit or null; filters: service/search/filters.sql
select product.product_id
from staging_marts.dim_product_search as product
where ($1::bigint[] is null or product.product_id = any($1::bigint[])) {filters}
limit $2::bigint
