-- Grain: one row per dbo.ProductCategory row (the link of a product to a category); soft-deleted rows are kept.
select
    row_key as product_category_id,
    (after ->> 'CategoryID')::bigint as category_id,
    (after ->> 'Created')::timestamp(6) as created,
    (after ->> 'Deleted')::boolean as deleted,
    (after ->> 'NetUID')::uuid as net_uid,
    (after ->> 'ProductID')::bigint as product_id,
    (after ->> 'Updated')::timestamp(6) as updated
from {{ latest_rows('product_category') }} as latest
