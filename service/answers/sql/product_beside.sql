-- What the mart does not have of a product: all its images, and what its price lists and storages are called.
-- Grain: one row per image, price list and storage, in the order to show them. Each is looked up by an index; the views of
-- staging read the newest event of a row key.
-- $1 product id, $2 price list ids, $3 storage ids
select
    'image' as kind,
    product_image_id as id,
    btrim(regexp_replace(image_url, '\s+', ' ', 'g')) as text,
    case when is_main_image then 0 else 1 end as place
from staging_intermediate.current_product_image
where product_id = $1::bigint and not deleted and image_url ~ '\S'
union all
select
    'price_list',
    pricing_id,
    name,
    coalesce(sorting_priority, 2147483647)
from staging_staging.stg_pricing
where pricing_id = any($2::bigint[])
union all
select
    'storage',
    storage_id,
    name,
    coalesce(retail_priority, 2147483647)
from staging_staging.stg_storage
where storage_id = any($3::bigint[])
order by kind, place, id
