-- Grain: one row per dbo.ProductTransfer row (a document that moves stock between storages).
-- Soft-deleted rows are kept.
select
    row_key as product_transfer_id,
    (after ->> 'NetUID')::uuid as net_uid,
    (after ->> 'Created')::timestamp(6) as created,
    (after ->> 'Updated')::timestamp(6) as updated,
    (after ->> 'Deleted')::boolean as deleted,
    after ->> 'Number' as number,
    after ->> 'Comment' as comment,
    (after ->> 'FromDate')::timestamp(6) as from_date,
    (after ->> 'ResponsibleID')::bigint as responsible_id,
    (after ->> 'FromStorageID')::bigint as from_storage_id,
    (after ->> 'ToStorageID')::bigint as to_storage_id,
    (after ->> 'OrganizationID')::bigint as organization_id,
    (after ->> 'IsManagement')::boolean as is_management
from {{ latest_rows('product_transfer') }} as latest
