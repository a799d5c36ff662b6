-- The model that queries are encoded with, once its vectors are complete and indexed. At most one row.
select
    model_id,
    path,
    options::text as options
from embeddings.model
where active and built is not null
