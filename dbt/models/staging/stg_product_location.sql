-- Grain: one row per dbo.ProductLocation row (the quantity of an order line taken from a placement).
-- Soft-deleted rows are kept.
select
    row_key as product_location_id,
    (after ->> 'NetUID')::uuid as net_uid,
    (after ->> 'Created')::timestamp(6) as created,
    (after ->> 'Updated')::timestamp(6) as updated,
    (after ->> 'Deleted')::boolean as deleted,
    (after ->> 'Qty')::double precision as qty,
    (after ->> 'StorageID')::bigint as storage_id,
    (after ->> 'ProductPlacementID')::bigint as product_placement_id,
    (after ->> 'OrderItemID')::bigint as order_item_id,
    (after ->> 'DepreciatedOrderItemID')::bigint as depreciated_order_item_id,
    (after ->> 'ProductTransferItemID')::bigint as product_transfer_item_id,
    (after ->> 'InvoiceDocumentQty')::double precision as invoice_document_qty
from {{ latest_rows('product_location') }} as latest
