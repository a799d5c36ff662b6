-- Grain: one row per dbo.ProductAnalogue row (a pair of products of which one may replace the other).
-- Soft-deleted rows are kept.
select
    row_key as product_analogue_id,
    (after ->> 'AnalogueProductID')::bigint as analogue_product_id,
    (after ->> 'BaseProductID')::bigint as base_product_id,
    (after ->> 'Created')::timestamp(6) as created,
    (after ->> 'Deleted')::boolean as deleted,
    (after ->> 'NetUID')::uuid as net_uid,
    (after ->> 'Updated')::timestamp(6) as updated
from {{ latest_rows('product_analogue') }} as latest
