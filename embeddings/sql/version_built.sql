-- A version is complete and indexed: it may be searched.
update embeddings.model set built = coalesce(built, now()) where model_id = %(model)s;
