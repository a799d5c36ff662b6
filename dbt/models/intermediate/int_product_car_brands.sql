-- Grain: one row per product with a live vehicle make.
with makes as (
    select
        car_brand_id,
        {{ clean_name('name') }} as name
    from {{ ref('current_car_brand') }}
    where not deleted
),

placed as (
    select distinct
        link.product_id,
        makes.car_brand_id,
        makes.name
    from {{ ref('current_product_car_brand') }} as link
    inner join makes using (car_brand_id)
    where
        not link.deleted
        and makes.name is not null
)

select
    product_id,
    array_agg(car_brand_id order by car_brand_id) as car_brand_ids,
    array_agg(name order by car_brand_id) as car_brand_names
from placed
group by product_id
