insert into duty (name)
select name
from unnest(%(names)s::text[]) as declared (name)
on conflict (name) do nothing;
