-- Grain: one row per dbo.ProductProductGroup row (the link of a product to a product group).
-- Soft-deleted rows are kept.
select
    row_key as product_product_group_id,
    (after ->> 'Created')::timestamp(6) as created,
    (after ->> 'Deleted')::boolean as deleted,
    (after ->> 'NetUID')::uuid as net_uid,
    (after ->> 'ProductGroupID')::bigint as product_group_id,
    (after ->> 'ProductID')::bigint as product_id,
    (after ->> 'Updated')::timestamp(6) as updated,
    (after ->> 'OrderStandard')::double precision as order_standard,
    after ->> 'VendorCode' as vendor_code
from {{ latest_rows('product_product_group') }} as latest
