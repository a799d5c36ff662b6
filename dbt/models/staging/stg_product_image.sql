-- Grain: one row per dbo.ProductImage row (an image of a product); soft-deleted rows are kept.
select
    row_key as product_image_id,
    (after ->> 'Created')::timestamp(6) as created,
    (after ->> 'Deleted')::boolean as deleted,
    after ->> 'ImageUrl' as image_url,
    (after ->> 'NetUID')::uuid as net_uid,
    (after ->> 'ProductID')::bigint as product_id,
    (after ->> 'Updated')::timestamp(6) as updated,
    (after ->> 'IsMainImage')::boolean as is_main_image
from {{ latest_rows('product_image') }} as latest
