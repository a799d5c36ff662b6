-- Grain: one row per dbo.ProductPlacementStorage row (where a product lies in a storage, as counted).
-- Soft-deleted rows are kept.
select
    row_key as product_placement_storage_id,
    (after ->> 'Qty')::double precision as qty,
    after ->> 'Placement' as placement,
    after ->> 'VendorCode' as vendor_code,
    (after ->> 'ProductPlacementId')::bigint as product_placement_id,
    (after ->> 'ProductId')::bigint as product_id,
    (after ->> 'StorageId')::bigint as storage_id,
    (after ->> 'NetUID')::uuid as net_uid,
    (after ->> 'Created')::timestamp(6) as created,
    (after ->> 'Updated')::timestamp(6) as updated,
    (after ->> 'Deleted')::boolean as deleted
from {{ latest_rows('product_placement_storage') }} as latest
