-- Write the vectors of a batch to the version's own table. A row that is the same is left alone, as all are when only
-- the documents are written anew: another version of a row on another page would be another entry of the HNSW index.
insert into {vectors} as kept (product_id, vendor_code, content_hash, embedding)
select incoming.product_id, incoming.vendor_code, incoming.content_hash, stored.embedding
from incoming_document as incoming
left join embeddings.vector_store as stored on stored.content_hash = incoming.text_hash and stored.model = %(model)s
on conflict (product_id) do update
set vendor_code = excluded.vendor_code, content_hash = excluded.content_hash, embedding = excluded.embedding
where kept.vendor_code is distinct from excluded.vendor_code
    or kept.content_hash is distinct from excluded.content_hash
    or kept.embedding is distinct from excluded.embedding;
