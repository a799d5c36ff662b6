-- Grain: one row per dbo.ProductGroup row (a product group); soft-deleted rows are kept.
select
    row_key as product_group_id,
    (after ->> 'Created')::timestamp(6) as created,
    (after ->> 'Deleted')::boolean as deleted,
    after ->> 'Description' as description,
    after ->> 'FullName' as full_name,
    after ->> 'Name' as name,
    (after ->> 'NetUID')::uuid as net_uid,
    (after ->> 'Updated')::timestamp(6) as updated,
    (after ->> 'IsSubGroup')::boolean as is_sub_group,
    decode(after ->> 'SourceFenixID', 'base64') as source_fenix_id,
    (after ->> 'IsActive')::boolean as is_active,
    decode(after ->> 'SourceAmgID', 'base64') as source_amg_id
from {{ latest_rows('product_group') }} as latest
