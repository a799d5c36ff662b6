-- Grain: one row per dbo.ProductCapitalization row (a document that puts found stock on the books).
-- Soft-deleted rows are kept.
select
    row_key as product_capitalization_id,
    (after ->> 'NetUID')::uuid as net_uid,
    (after ->> 'Created')::timestamp(6) as created,
    (after ->> 'Updated')::timestamp(6) as updated,
    (after ->> 'Deleted')::boolean as deleted,
    after ->> 'Number' as number,
    after ->> 'Comment' as comment,
    (after ->> 'FromDate')::timestamp(6) as from_date,
    (after ->> 'OrganizationID')::bigint as organization_id,
    (after ->> 'ResponsibleID')::bigint as responsible_id,
    (after ->> 'StorageID')::bigint as storage_id
from {{ latest_rows('product_capitalization') }} as latest
