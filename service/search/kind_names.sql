-- What the products of a part of the table belong to. Grain: one row per kind and id, in no order.
-- $1 first page of 8 kB, $2 the page after the last: a look at the whole table at once would be one long statement.
with part as (
    select
        category_ids,
        category_names,
        group_ids,
        group_names,
        car_brand_ids,
        car_brand_names
    from staging_marts.dim_product_search
    where ctid >= format('(%s,0)', $1::bigint)::tid and ctid < format('(%s,0)', $2::bigint)::tid
)

select distinct
    'category' as kind,
    category.id,
    category.name
from part
cross join lateral unnest(part.category_ids, part.category_names) as category (id, name)
union all
select distinct
    'group' as kind,
    product_group.id,
    product_group.name
from part
cross join lateral unnest(part.group_ids, part.group_names) as product_group (id, name)
union all
select distinct
    'car_brand' as kind,
    car_brand.id,
    car_brand.name
from part
cross join lateral unnest(part.car_brand_ids, part.car_brand_names) as car_brand (id, name)
