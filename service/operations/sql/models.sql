-- Grain: one row per version of a model: how far its vectors are.
select
    model.model_id,
    model.active,
    model.built,
    model.dimensions,
    waiting.products as waiting,
    failed.products as failed,
    (model.metrics -> 'index' ->> 'recall_at_10')::float8 as recall_at_10,
    building.share as index_share
from embeddings.model as model
cross join lateral (
    select count(*) as products
    from embeddings.pending
    where pending.model = model.model_id
) as waiting
cross join lateral (
    select count(*) as products
    from embeddings.dead_letter
    where dead_letter.model = model.model_id
) as failed
left join lateral (
    select progress.blocks_done::float8 / progress.blocks_total as share
    from pg_stat_progress_create_index as progress
    where
        progress.relid = to_regclass(format('embeddings.%I', model.vector_table))
        and progress.blocks_total > 0
    limit 1
) as building on true
order by model.active desc, model.created desc
