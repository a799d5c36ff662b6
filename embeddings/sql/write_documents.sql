-- Write a batch. A product whose content changed since it was read is left for the next run.
update staging_marts.dim_product_search as product
set
    embedding = stored.embedding,
    embedding_model = %(model)s,
    indexed_content_hash = incoming.content_hash,
    search_vector = incoming.search_vector
from incoming_document as incoming
left join embeddings.vector_store as stored
    on stored.content_hash = incoming.text_hash and stored.model = %(model)s
where product.product_id = incoming.product_id
    and product.content_hash is not distinct from incoming.content_hash;
