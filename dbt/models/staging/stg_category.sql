-- Grain: one row per dbo.Category row (a category of the catalogue tree); soft-deleted rows are kept.
select
    row_key as category_id,
    (after ->> 'Created')::timestamp(6) as created,
    (after ->> 'Deleted')::boolean as deleted,
    after ->> 'Description' as description,
    after ->> 'Name' as name,
    (after ->> 'NetUID')::uuid as net_uid,
    (after ->> 'RootCategoryID')::bigint as root_category_id,
    (after ->> 'Updated')::timestamp(6) as updated
from {{ latest_rows('category') }} as latest
