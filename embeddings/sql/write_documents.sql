-- Write the documents and the mart's own copy of the vectors, unless another version has become the active one.
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
    and exists (select from embeddings.model where model_id = %(model)s and active);
