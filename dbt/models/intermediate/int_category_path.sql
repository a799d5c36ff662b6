-- Grain: one row per live category, with the ids and names from its root down to itself.
with recursive categories as (
    select
        category_id,
        root_category_id,
        {{ clean_name('name') }} as name
    from {{ ref('current_category') }}
    where not deleted
),

-- climbs from every category to its root
climbs as (
    select
        category_id,
        root_category_id as next_id,
        array[category_id] as path_ids,
        array[name] as path_names
    from categories
    union all
    -- a parent that is already in the path is a cycle in the source (or a root that names itself): the climb ends
    select
        climbs.category_id,
        parent.root_category_id,
        parent.category_id || climbs.path_ids,
        parent.name || climbs.path_names
    from climbs
    inner join categories as parent on climbs.next_id = parent.category_id
    where parent.category_id <> all(climbs.path_ids)
)

select distinct on (category_id)
    category_id,
    path_ids,
    path_names
from climbs
order by category_id, cardinality(path_ids) desc
