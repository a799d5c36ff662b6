-- The mart tells which products changed, so that nobody has to look through all of them. A stock change calls nothing
-- (the conditions are checked before the function) and stays a heap-only update (no index is concerned), which a partial
-- index over changed rows would not leave so: with one, every change of a text would enter every index twice.
create trigger queue_inserted after insert on staging_marts.dim_product_search
for each row when (new.content_hash is distinct from new.indexed_content_hash)
execute function embeddings.queue_product();
create trigger queue_updated
after update of content_hash, vendor_code_normalised, indexed_content_hash on staging_marts.dim_product_search
for each row when (
    old.content_hash is distinct from new.content_hash
    or old.vendor_code_normalised is distinct from new.vendor_code_normalised
    or (old.indexed_content_hash is not null and new.indexed_content_hash is null)
)
execute function embeddings.queue_product();
create trigger queue_deleted after delete on staging_marts.dim_product_search
for each row execute function embeddings.queue_product();
