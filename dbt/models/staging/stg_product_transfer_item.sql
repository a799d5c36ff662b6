-- Grain: one row per dbo.ProductTransferItem row (one product line of a transfer document); soft-deleted rows are kept.
select
    row_key as product_transfer_item_id,
    (after ->> 'NetUID')::uuid as net_uid,
    (after ->> 'Created')::timestamp(6) as created,
    (after ->> 'Updated')::timestamp(6) as updated,
    (after ->> 'Deleted')::boolean as deleted,
    (after ->> 'Qty')::double precision as qty,
    after ->> 'Reason' as reason,
    (after ->> 'ProductID')::bigint as product_id,
    (after ->> 'ProductTransferID')::bigint as product_transfer_id,
    (after ->> 'ActReconciliationItemID')::bigint as act_reconciliation_item_id
from {{ latest_rows('product_transfer_item') }} as latest
