-- Compare the whole mart with the vectors of a version and queue what differs, both ways. {vectors} is its table.
insert into embeddings.pending (model, product_id)
select %(model)s, coalesce(product.product_id, stored.product_id)
from staging_marts.dim_product_search as product
full join {vectors} as stored on stored.product_id = product.product_id
where stored.product_id is null
    or product.product_id is null
    or product.content_hash is distinct from stored.content_hash
    or product.vendor_code_normalised is distinct from stored.vendor_code
    or (%(active)s and product.content_hash is distinct from product.indexed_content_hash)
on conflict (model, product_id) do nothing;
