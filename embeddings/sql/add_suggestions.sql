-- Names nobody has seen before. Popularity starts at zero.
insert into staging_marts.search_suggestion (text_normalised, text, language, product_count, popularity)
select new.*, 0
from unnest(%(text_normalised)s::text[], %(text)s::text[], %(language)s::text[], %(product_count)s::integer[]) as new
on conflict (text_normalised, language) do nothing;
