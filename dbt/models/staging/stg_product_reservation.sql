-- Grain: one row per dbo.ProductReservation row (a quantity of a stock row held for an order line).
-- Soft-deleted rows are kept.
select
    row_key as product_reservation_id,
    (after ->> 'Created')::timestamp(6) as created,
    (after ->> 'Deleted')::boolean as deleted,
    (after ->> 'NetUID')::uuid as net_uid,
    (after ->> 'OrderItemID')::bigint as order_item_id,
    (after ->> 'ProductAvailabilityID')::bigint as product_availability_id,
    (after ->> 'Qty')::double precision as qty,
    (after ->> 'Updated')::timestamp(6) as updated,
    (after ->> 'ConsignmentItemID')::bigint as consignment_item_id,
    (after ->> 'IsReSaleReservation')::boolean as is_re_sale_reservation
from {{ latest_rows('product_reservation') }} as latest
