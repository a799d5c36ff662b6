-- Grain: one row per dbo.ProductPlacementHistory row (a change of where a product lies); soft-deleted rows are kept.
select
    row_key as product_placement_history_id,
    after ->> 'Placement' as placement,
    (after ->> 'ProductId')::bigint as product_id,
    (after ->> 'StorageId')::bigint as storage_id,
    (after ->> 'Qty')::double precision as qty,
    (after ->> 'StorageLocationType')::integer as storage_location_type,
    (after ->> 'AdditionType')::integer as addition_type,
    (after ->> 'UserId')::bigint as user_id,
    (after ->> 'NetUID')::uuid as net_uid,
    (after ->> 'Created')::timestamp(6) as created,
    (after ->> 'Updated')::timestamp(6) as updated,
    (after ->> 'Deleted')::boolean as deleted
from {{ latest_rows('product_placement_history') }} as latest
