-- What else parts are called. Grain: one row per phrase in lexemes.
select
    phrase,
    whole,
    names
from staging_marts.search_other_name
