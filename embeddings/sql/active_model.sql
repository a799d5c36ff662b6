-- The model that queries are encoded with now.
select name, version, model_id, dimensions, path, metrics, options, vector_table, built, active, mart_copied,
    activated, deactivated
from embeddings.model where active;
