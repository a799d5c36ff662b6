-- Grain: one row per relation that observing reads, and whether it is there yet.
select
    name,
    to_regclass(name) is not null as present
from unnest(%(names)s::text[]) as name;
