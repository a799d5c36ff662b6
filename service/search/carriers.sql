-- The best products that carry a number. Grain: one row per code and entry of it, at most five for each code.
-- $1 normalised codes
select carrier.product_id
from unnest($1::text[]) with ordinality as typed (code, place)
cross join lateral (
    select code.product_id, code.static_quality
    from staging_marts.product_code as code
    where code.code_normalised = typed.code
    order by code.static_quality desc
    limit 5
) as carrier
order by typed.place, carrier.static_quality desc, carrier.product_id
