{{ config(full_refresh=false, unlogged=false) }}

-- Grain: one row: the last product of the best tenth when the line was drawn. A product is in tier 0 if it is as good.
-- Drawn once, and again when cordsearch transform --redraw asks for it; see ADR 0007. No row while there is no product.
select
    ranked.static_quality,
    ranked.product_id
from (
    select
        product_id,
        {{ static_quality() }} as static_quality,
        row_number() over (order by {{ static_quality() }} desc, product_id) as place,
        count(*) over () as products
    from {{ ref('unpublished_product') }}
) as ranked
where
    ranked.place = ceil(ranked.products / 10.0)
    {% if is_incremental() %}
        and not exists (select from {{ this }})
    {% endif %}
