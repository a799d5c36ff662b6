-- The dictionary holds lexemes too: as if every product had changed, so that it is counted anew.
update embeddings.dictionary_build
set changed_products = greatest(changed_products, (select count(*) from staging_marts.dim_product_search));
