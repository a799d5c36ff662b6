-- The model that vectors and queries are made with now.
select name, version, model_id, dimensions, path, metrics from embeddings.model where active;
