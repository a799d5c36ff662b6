-- What price lists and storages are called. Grain: one row per live price list and storage, in the order to show them.
select
    'price_list' as kind,
    pricing_id as id,
    name,
    coalesce(sorting_priority, 2147483647) as place
from staging_staging.stg_pricing
where not deleted
union all
select
    'storage',
    storage_id,
    name,
    coalesce(retail_priority, 2147483647)
from staging_staging.stg_storage
where not deleted
order by kind, place, id
