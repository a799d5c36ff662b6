-- Every live product is in the search mart and nothing else is.
select
    dim_product.product_id as only_in_dim_product,
    dim_product_search.product_id as only_in_dim_product_search
from {{ ref('dim_product') }} as dim_product
full join {{ ref('dim_product_search') }} as dim_product_search using (product_id)
where
    dim_product.product_id is null
    or dim_product_search.product_id is null
