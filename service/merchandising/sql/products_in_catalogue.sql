-- Which of the products exist. Grain: one row per product.
-- $1 product ids
select product_id
from staging_marts.dim_product_search
where product_id = any($1::bigint[])
