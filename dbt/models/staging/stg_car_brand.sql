-- Grain: one row per dbo.CarBrand row (a vehicle make); soft-deleted rows are kept.
select
    row_key as car_brand_id,
    (after ->> 'NetUID')::uuid as net_uid,
    (after ->> 'Created')::timestamp(6) as created,
    (after ->> 'Updated')::timestamp(6) as updated,
    (after ->> 'Deleted')::boolean as deleted,
    after ->> 'Name' as name,
    after ->> 'Description' as description,
    after ->> 'ImageUrl' as image_url,
    after ->> 'Alias' as alias
from {{ latest_rows('car_brand') }} as latest
