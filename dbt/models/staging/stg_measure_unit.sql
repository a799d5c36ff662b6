-- Grain: one row per dbo.MeasureUnit row (a unit of measure); soft-deleted rows are kept.
select
    row_key as measure_unit_id,
    (after ->> 'Created')::timestamp(6) as created,
    (after ->> 'Deleted')::boolean as deleted,
    after ->> 'Description' as description,
    after ->> 'Name' as name,
    (after ->> 'NetUID')::uuid as net_uid,
    (after ->> 'Updated')::timestamp(6) as updated,
    after ->> 'CodeOneC' as code_one_c
from {{ latest_rows('measure_unit') }} as latest
