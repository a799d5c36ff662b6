-- Write the vectors of a batch to the version's own table. A vector that is the same stays out of the HNSW index.
insert into {vectors} as kept (product_id, vendor_code, content_hash, embedding)
select incoming.product_id, incoming.vendor_code, incoming.content_hash, stored.embedding
from incoming_document as incoming
left join embeddings.vector_store as stored on stored.content_hash = incoming.text_hash and stored.model = %(model)s
on conflict (product_id) do update
set vendor_code = excluded.vendor_code, content_hash = excluded.content_hash, embedding = excluded.embedding;
