-- Remember that the mart was compared with a version.
update embeddings.model
set checked = now(), products = (select count(*) from staging_marts.dim_product_search)
where model_id = %(model)s
returning products;
