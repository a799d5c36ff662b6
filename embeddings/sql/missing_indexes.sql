-- Which of the three search indexes are not there or were left invalid.
select wanted.name
from unnest(%(names)s::text[]) as wanted (name)
left join pg_index as found on found.indexrelid = to_regclass('staging_marts.' || wanted.name) and found.indisvalid
where found.indexrelid is null;
