-- By what products are known to be the same part: main number and declared analogues. Grain: one row per product, in no
-- order. A product with more than 500 declared analogues counts with the first 500.
-- $1 product ids
select
    product_id,
    main_original_number,
    analogue_product_ids[1:500] as analogues
from staging_marts.dim_product_search
where product_id = any($1::bigint[])
