-- Products in the queue of the embedding job for the model that answers queries, at most so many.
select
    product_id,
    queued as since
from embeddings.pending
where model = (select model_id from embeddings.model where active)
limit %(bound)s;
