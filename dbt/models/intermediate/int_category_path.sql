-- Grain: one row per live category, with the ids and names from its root down to itself.
with recursive categories as (
    select
        category_id,
        root_category_id,
        {{ clean_name('name') }} as name
    from {{ ref('stg_category') }}
    where not deleted
),

paths as (
    select
        category_id,
        array[category_id] as path_ids,
        array[name] as path_names
    from categories
    where root_category_id is null or root_category_id not in (select parent.category_id from categories as parent)
    union all
    -- a category in its own path is a cycle in the source: it ends here
    select
        child.category_id,
        paths.path_ids || child.category_id,
        paths.path_names || child.name
    from paths
    inner join categories as child on paths.category_id = child.root_category_id
    where child.category_id <> all(paths.path_ids)
)

select
    category_id,
    path_ids,
    path_names
from paths
