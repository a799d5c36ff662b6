-- Grain: one row per dbo.Storage row (a storage); soft-deleted rows are kept.
select
    row_key as storage_id,
    (after ->> 'Created')::timestamp(6) as created,
    (after ->> 'Deleted')::boolean as deleted,
    after ->> 'Name' as name,
    (after ->> 'NetUID')::uuid as net_uid,
    (after ->> 'Updated')::timestamp(6) as updated,
    after ->> 'Locale' as locale,
    (after ->> 'OrganizationID')::bigint as organization_id,
    (after ->> 'ForDefective')::boolean as for_defective,
    (after ->> 'ForVatProducts')::boolean as for_vat_products,
    (after ->> 'AvailableForReSale')::boolean as available_for_re_sale,
    (after ->> 'ForEcommerce')::boolean as for_ecommerce,
    (after ->> 'RetailPriority')::integer as retail_priority,
    (after ->> 'IsResale')::boolean as is_resale
from {{ latest_rows('storage') }} as latest
