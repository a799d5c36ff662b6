-- Every version that was ever registered, the newest first.
select name, version, model_id, dimensions, path, metrics, options, vector_table, built, active, mart_copied,
    activated, deactivated
from embeddings.model order by created desc, model_id;
