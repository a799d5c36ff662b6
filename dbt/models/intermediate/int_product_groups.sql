-- Grain: one row per product with a live product group. Root groups of its groups come first.
with live_groups as (
    select
        product_group_id,
        {{ clean_name('name') }} as name
    from {{ ref('current_product_group') }}
    where
        not deleted
        and is_active
),

memberships as (
    select
        product_id,
        product_group_id,
        1 as depth
    from {{ ref('current_product_product_group') }}
    where not deleted
    union
    select
        link.product_id,
        sub_group.root_product_group_id,
        0 as depth
    from {{ ref('current_product_product_group') }} as link
    inner join {{ ref('current_product_sub_group') }} as sub_group
        on link.product_group_id = sub_group.sub_product_group_id
    where
        not link.deleted
        and not sub_group.deleted
),

placed as (
    select
        memberships.product_id,
        memberships.product_group_id,
        live_groups.name,
        min(memberships.depth) as depth
    from memberships
    inner join live_groups using (product_group_id)
    where live_groups.name is not null
    group by memberships.product_id, memberships.product_group_id, live_groups.name
)

select
    product_id,
    array_agg(product_group_id order by depth, product_group_id) as group_ids,
    array_agg(name order by depth, product_group_id) as group_names
from placed
group by product_id
