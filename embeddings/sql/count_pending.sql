-- How many products there are, and how many need a new document or vector.
select count(*), count(*) filter (where content_hash is distinct from indexed_content_hash
    or embedding_model is distinct from %(model)s)
from staging_marts.dim_product_search;
