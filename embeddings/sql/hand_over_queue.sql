-- What the version in use has not written yet, the next one writes.
insert into embeddings.pending (model, product_id)
select %(model)s, pending.product_id
from embeddings.pending as pending
inner join embeddings.model as model on model.model_id = pending.model and model.active
on conflict (model, product_id) do nothing;
