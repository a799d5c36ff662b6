-- Grain: one row per dbo.ProductAvailabilityCartLimits row (the stock limits a cart may use, per product).
select
    row_key as product_availability_cart_limits_id,
    (after ->> 'ProductId')::bigint as product_id,
    (after ->> 'MinAvailabilityUA')::double precision as min_availability_ua,
    (after ->> 'MaxAvailabilityUA')::double precision as max_availability_ua,
    (after ->> 'MinAvailabilityPL')::double precision as min_availability_pl
from {{ latest_rows('product_availability_cart_limits') }} as latest
