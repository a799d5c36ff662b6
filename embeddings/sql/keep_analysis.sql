-- Remember by which version of the analysis the queued documents are going to be made.
insert into embeddings.analysis (version) values (%(analysis)s)
on conflict (only_row) do update set version = excluded.version, since = now();
