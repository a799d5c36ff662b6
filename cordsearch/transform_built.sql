-- Grain: one row: whether what incremental runs go by is there. Names are looked up, because nothing may exist yet.
select bool_and(to_regclass(name) is not null) as is_built
from unnest(array[
    'staging_intermediate.source_position',
    'staging_intermediate.touched_product',
    'staging_intermediate.computed_product',
    'staging_intermediate.current_category_path',
    'staging_intermediate.freshness_epoch',
    'staging_intermediate.tier_line',
    'staging_marts.dim_product',
    'staging_marts.dim_product_search',
    'staging_marts.product_code'
]) as name;
