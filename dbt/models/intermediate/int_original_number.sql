-- Grain: one row per spelling of a live original (OEM) number: its number, then its main number.
select
    original_number.original_number_id,
    spelling.position,
    {{ clean_code('spelling.number') }} as number,
    {{ normalise_code('spelling.number') }} as number_normalised
from {{ ref('current_original_number') }} as original_number
cross join lateral (
    values (1, original_number.number), (2, original_number.main_number)
) as spelling (position, number)
where
    not original_number.deleted
    and {{ clean_code('spelling.number') }} is not null
