-- Grain: one row per dbo.ProductAvailability row (the stock of one product in one storage); soft-deleted rows are kept.
select
    row_key as product_availability_id,
    (after ->> 'Amount')::double precision as amount,
    (after ->> 'Created')::timestamp(6) as created,
    (after ->> 'Deleted')::boolean as deleted,
    (after ->> 'NetUID')::uuid as net_uid,
    (after ->> 'ProductID')::bigint as product_id,
    (after ->> 'StorageID')::bigint as storage_id,
    (after ->> 'Updated')::timestamp(6) as updated
from {{ latest_rows('product_availability') }} as latest
