-- Products changed since the dictionary was built; no row when it was never built or its tables are gone.
select changed_products from embeddings.dictionary_build
where to_regclass('staging_marts.search_term') is not null
    and to_regclass('staging_marts.search_suggestion') is not null
    and to_regclass('staging_marts.search_other_name') is not null
    and to_regclass('staging_marts.search_vehicle_model') is not null;
