-- Grain: one row per dbo.ProductPricing row (the price of a product in one price list); soft-deleted rows are kept.
select
    row_key as product_pricing_id,
    (after ->> 'Created')::timestamp(6) as created,
    (after ->> 'Deleted')::boolean as deleted,
    (after ->> 'NetUID')::uuid as net_uid,
    (after ->> 'PricingID')::bigint as pricing_id,
    (after ->> 'ProductID')::bigint as product_id,
    (after ->> 'Updated')::timestamp(6) as updated,
    (after ->> 'Price')::numeric(19, 4) as price
from {{ latest_rows('product_pricing') }} as latest
