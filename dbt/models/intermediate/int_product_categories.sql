-- Grain: one row per product with a live category. Every category comes with its path: roots first, leaves last.
with placed as (
    select distinct
        link.product_id,
        step.category_id,
        step.name,
        step.depth
    from {{ ref('current_product_category') }} as link
    inner join {{ ref('current_category_path') }} as category_path using (category_id)
    cross join lateral unnest(category_path.path_ids, category_path.path_names)
    with ordinality as step (category_id, name, depth)
    where
        not link.deleted
        and step.name is not null
)

select
    product_id,
    array_agg(category_id order by depth, category_id) as category_ids,
    array_agg(name order by depth, category_id) as category_names
from placed
group by product_id
