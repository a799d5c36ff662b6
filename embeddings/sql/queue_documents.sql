-- Queue every document for the active version: lexemes of another release do not meet the queries of this one. What a
-- worker is writing at this moment is queued once more. With the mart locked.
insert into embeddings.pending (model, product_id)
select model.model_id, product.product_id
from embeddings.model as model
cross join staging_marts.dim_product_search as product
where model.active and product.indexed_content_hash is not null
on conflict (model, product_id) do update
set touch = pending.touch + 1, claimed_by = null, claimed_until = null;
