-- Stock rows that products are sold from, drawn by the seed. Grain: one row per stock row.
-- %(seed)s, %(rows)s how many
select
    stock.product_availability_id,
    product.product_id,
    product.available_quantity
from staging_marts.dim_product as product
inner join staging_staging.stg_product_availability as stock using (product_id)
inner join staging_staging.stg_storage as storage using (storage_id)
where
    product.available_quantity > 0
    and not stock.deleted
    and not storage.deleted
    and not storage.for_defective
order by hashint8extended(stock.product_availability_id, %(seed)s), stock.product_availability_id
limit %(rows)s
