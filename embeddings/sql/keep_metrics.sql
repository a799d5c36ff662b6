-- Add figures to those of a model.
update embeddings.model set metrics = metrics || %(metrics)s where model_id = %(model)s;
