-- Whether the marts have a product that is not searchable by its present text.
select exists (
    select from staging_marts.dim_product_search
    where indexed_content_hash is distinct from content_hash
)
