-- Grain: one row per dbo.ProductSet row (a component of a product that is sold as a set); soft-deleted rows are kept.
select
    row_key as product_set_id,
    (after ->> 'BaseProductID')::bigint as base_product_id,
    (after ->> 'ComponentProductID')::bigint as component_product_id,
    (after ->> 'Created')::timestamp(6) as created,
    (after ->> 'Deleted')::boolean as deleted,
    (after ->> 'NetUID')::uuid as net_uid,
    (after ->> 'Updated')::timestamp(6) as updated,
    (after ->> 'SetComponentsQty')::integer as set_components_qty
from {{ latest_rows('product_set') }} as latest
