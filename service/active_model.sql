-- The model that queries are encoded with, once its vectors are complete and indexed, and whether the mart holds a copy of
-- all of them. At most one row.
select
    model_id,
    path,
    options::text as options,
    mart_copied
from embeddings.model
where active and built is not null
