-- Keys that only bronze has, or only the source, within one range of keys that was read from the source.
with listed as (
    select unnest(%(keys)s::bigint[]) as row_key
),

held as (
    select row_key from bronze.{state}
    where row_key between %(first_key)s and %(last_key)s
)

select
    coalesce(listed.row_key, held.row_key) as row_key,
    held.row_key is not null as held
from listed
full join held on held.row_key = listed.row_key
where listed.row_key is null or held.row_key is null;
