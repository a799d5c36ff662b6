-- Grain: one row per product with a live slug. Of several slugs in one language the newest wins.
select
    product_id,
    (array_agg(url order by product_slug_id desc) filter (where lower(locale) in ('uk', 'ua')))[1] as slug_uk,
    (array_agg(url order by product_slug_id desc) filter (where lower(locale) = 'pl'))[1] as slug_pl
from {{ ref('current_product_slug') }}
where
    not deleted
    and url ~ '\S'
group by product_id
