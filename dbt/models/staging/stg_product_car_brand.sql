-- Grain: one row per dbo.ProductCarBrand row (the link of a product to a vehicle make); soft-deleted rows are kept.
select
    row_key as product_car_brand_id,
    (after ->> 'NetUID')::uuid as net_uid,
    (after ->> 'Created')::timestamp(6) as created,
    (after ->> 'Updated')::timestamp(6) as updated,
    (after ->> 'Deleted')::boolean as deleted,
    (after ->> 'CarBrandID')::bigint as car_brand_id,
    (after ->> 'ProductID')::bigint as product_id
from {{ latest_rows('product_car_brand') }} as latest
