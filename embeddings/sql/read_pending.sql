-- The next products whose text or model is not the indexed one, in key order.
select product_id, content_hash, name_ru, name_uk, name_pl, synonyms, size, car_brand_names, group_names, category_names
from staging_marts.dim_product_search
where product_id > %(after)s
    and (content_hash is distinct from indexed_content_hash or embedding_model is distinct from %(model)s)
order by product_id
limit %(limit)s;
