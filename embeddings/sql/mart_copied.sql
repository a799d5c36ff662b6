-- The mart's copy of the vectors is that of the active version.
update embeddings.model set mart_copied = true where model_id = %(model)s and active;
