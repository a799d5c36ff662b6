-- Grain: one row per product with a live image. The main image wins, then the oldest one.
select
    product_id,
    (array_agg({{ clean_text('image_url') }} order by is_main_image desc, product_image_id))[1] as image_url,
    count(*)::integer as image_count
from {{ ref('current_product_image') }}
where
    not deleted
    and image_url ~ '\S'
group by product_id
