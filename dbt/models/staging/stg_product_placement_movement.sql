-- Grain: one row per dbo.ProductPlacementMovement row (a move of a quantity between two storage cells).
-- Soft-deleted rows are kept.
select
    row_key as product_placement_movement_id,
    (after ->> 'NetUID')::uuid as net_uid,
    (after ->> 'Created')::timestamp(6) as created,
    (after ->> 'Updated')::timestamp(6) as updated,
    (after ->> 'Deleted')::boolean as deleted,
    (after ->> 'Qty')::double precision as qty,
    (after ->> 'FromProductPlacementID')::bigint as from_product_placement_id,
    (after ->> 'ToProductPlacementID')::bigint as to_product_placement_id,
    after ->> 'Comment' as comment,
    after ->> 'Number' as number,
    (after ->> 'ResponsibleID')::bigint as responsible_id
from {{ latest_rows('product_placement_movement') }} as latest
