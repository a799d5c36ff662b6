-- Grain: one row per dbo.ProductLocationHistory row (a movement of a quantity at a placement).
-- Soft-deleted rows are kept.
select
    row_key as product_location_history_id,
    (after ->> 'Qty')::double precision as qty,
    (after ->> 'StorageID')::bigint as storage_id,
    (after ->> 'ProductPlacementID')::bigint as product_placement_id,
    (after ->> 'OrderItemID')::bigint as order_item_id,
    (after ->> 'DepreciatedOrderItemID')::bigint as depreciated_order_item_id,
    (after ->> 'TypeOfMovement')::integer as type_of_movement,
    (after ->> 'NetUID')::uuid as net_uid,
    (after ->> 'Created')::timestamp(6) as created,
    (after ->> 'Updated')::timestamp(6) as updated,
    (after ->> 'Deleted')::boolean as deleted,
    (after ->> 'HistoryInvoiceEditID')::bigint as history_invoice_edit_id
from {{ latest_rows('product_location_history') }} as latest
