-- Grain: one row per dbo.ProductOriginalNumber row (the link of a product to an original (OEM) number).
-- Soft-deleted rows are kept.
select
    row_key as product_original_number_id,
    (after ->> 'Created')::timestamp(6) as created,
    (after ->> 'Deleted')::boolean as deleted,
    (after ->> 'NetUID')::uuid as net_uid,
    (after ->> 'OriginalNumberID')::bigint as original_number_id,
    (after ->> 'ProductID')::bigint as product_id,
    (after ->> 'Updated')::timestamp(6) as updated,
    (after ->> 'IsMainOriginalNumber')::boolean as is_main_original_number
from {{ latest_rows('product_original_number') }} as latest
