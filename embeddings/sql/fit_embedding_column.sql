-- A column of another length takes the place of the old one; the copy of the vectors fills it.
alter table staging_marts.dim_product_search
drop column embedding,
add column embedding halfvec({dimensions});
