{{ config(full_refresh=false, unlogged=false) }}

-- Grain: one row: the month that freshness counts back from, which is that of the newest product when it was drawn.
-- Drawn once, and again when cordsearch transform --redraw asks for it; see ADR 0007. No row while there is no product.
select date_trunc('month', max(greatest(live.updated, movements.last_income)))::timestamp as month
from {{ ref('int_live_product') }} as live
left join {{ ref('int_product_movements') }} as movements using (product_id)
{% if is_incremental() %}
    where not exists (select from {{ this }})
{% endif %}
having max(greatest(live.updated, movements.last_income)) is not null
