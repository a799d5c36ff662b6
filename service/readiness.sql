-- Whether everything a search reads exists. One row.
select
    to_regclass('staging_marts.dim_product_search') is not null
    and to_regclass('staging_marts.product_code') is not null
    and to_regclass('staging_marts.search_term') is not null
    and to_regclass('staging_marts.search_suggestion') is not null as is_built
