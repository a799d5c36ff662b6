-- Remember a full build.
insert into embeddings.dictionary_build (built, changed_products) values (now(), 0)
on conflict (only_row) do update set built = excluded.built, changed_products = 0;
