-- Grain: one row: whether the marts were built, and whether every table asked for was loaded whole.
select
    to_regclass('staging_marts.dim_product_search') is not null
    and to_regclass('staging_intermediate.source_position') is not null
    and to_regclass('staging_intermediate.touched_product') is not null as is_built,
    to_regclass('bronze.ingest_checkpoint') is not null
    and not exists (
        select from unnest(%(tables)s::text[]) as wanted (table_name)
        where not exists (
            select from bronze.ingest_checkpoint as loaded
            where loaded.table_name = wanted.table_name and loaded.status = 'complete'
        )
    ) as is_loaded;
