-- Words nobody has seen before; the counts of known ones wait for the next full build.
insert into staging_marts.search_term (word, lexeme, document_count, script)
select * from unnest(%(word)s::text[], %(lexeme)s::text[], %(document_count)s::integer[], %(script)s::text[])
on conflict (word) do nothing;
