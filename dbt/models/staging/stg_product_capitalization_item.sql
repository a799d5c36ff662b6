-- Grain: one row per dbo.ProductCapitalizationItem row (one product line of a capitalization document).
-- Soft-deleted rows are kept.
select
    row_key as product_capitalization_item_id,
    (after ->> 'NetUID')::uuid as net_uid,
    (after ->> 'Created')::timestamp(6) as created,
    (after ->> 'Updated')::timestamp(6) as updated,
    (after ->> 'Deleted')::boolean as deleted,
    (after ->> 'Qty')::double precision as qty,
    (after ->> 'RemainingQty')::double precision as remaining_qty,
    (after ->> 'Weight')::double precision as weight,
    (after ->> 'UnitPrice')::numeric(19, 4) as unit_price,
    (after ->> 'ProductID')::bigint as product_id,
    (after ->> 'ProductCapitalizationID')::bigint as product_capitalization_id
from {{ latest_rows('product_capitalization_item') }} as latest
