-- Grain: one row per dbo.ProductSubGroup row (the link of a root product group to its subgroup).
-- Soft-deleted rows are kept.
select
    row_key as product_sub_group_id,
    (after ->> 'Created')::timestamp(6) as created,
    (after ->> 'Deleted')::boolean as deleted,
    (after ->> 'NetUID')::uuid as net_uid,
    (after ->> 'RootProductGroupID')::bigint as root_product_group_id,
    (after ->> 'SubProductGroupID')::bigint as sub_product_group_id,
    (after ->> 'Updated')::timestamp(6) as updated
from {{ latest_rows('product_sub_group') }} as latest
