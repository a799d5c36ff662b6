-- Grain: one row per dbo.ProductSlug row (the storefront address of a product in one language).
-- Soft-deleted rows are kept.
select
    row_key as product_slug_id,
    (after ->> 'NetUID')::uuid as net_uid,
    (after ->> 'Created')::timestamp(6) as created,
    (after ->> 'Updated')::timestamp(6) as updated,
    (after ->> 'Deleted')::boolean as deleted,
    after ->> 'Url' as url,
    after ->> 'Locale' as locale,
    (after ->> 'ProductID')::bigint as product_id
from {{ latest_rows('product_slug') }} as latest
