-- Products that wait for each version, and the size of its vectors with their index.
select
    model.model_id,
    (select count(*) from embeddings.pending where pending.model = model.model_id),
    coalesce(
        pg_size_pretty(pg_total_relation_size(to_regclass('embeddings.' || model.vector_table))),
        '-'
    )
from embeddings.model as model;
