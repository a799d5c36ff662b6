-- Which of these indexes are not there or were left invalid. Names carry their schema.
select wanted.name
from unnest(%(names)s::text[]) as wanted (name)
left join pg_index as found on found.indexrelid = to_regclass(wanted.name) and found.indisvalid
where found.indexrelid is null;
