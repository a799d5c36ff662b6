-- Grain: one row per dbo.OriginalNumber row (an original (OEM) number); soft-deleted rows are kept.
select
    row_key as original_number_id,
    (after ->> 'Created')::timestamp(6) as created,
    (after ->> 'Deleted')::boolean as deleted,
    after ->> 'MainNumber' as main_number,
    (after ->> 'NetUID')::uuid as net_uid,
    after ->> 'Number' as number,
    (after ->> 'Updated')::timestamp(6) as updated
from {{ latest_rows('original_number') }} as latest
