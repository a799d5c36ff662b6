-- A version is complete and indexed: it may be searched. Built as the active one, it wrote the mart's copy as well.
update embeddings.model set built = coalesce(built, now()), mart_copied = mart_copied or (active and built is null)
where model_id = %(model)s;
