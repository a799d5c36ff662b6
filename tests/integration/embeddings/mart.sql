-- The columns of staging_marts.dim_product_search that the embeddings read and write, as the mart's contract has them.
create schema if not exists staging_marts;
create table staging_marts.dim_product_search (
    product_id bigint primary key,
    vendor_code_normalised text,
    name_ru text,
    name_uk text,
    name_pl text,
    synonyms text,
    size text,
    category_ids bigint[],
    group_ids bigint[],
    car_brand_ids bigint[],
    category_names text[],
    group_names text[],
    car_brand_names text[],
    content_hash text,
    popularity real,
    static_quality real,
    tier smallint,
    available_quantity double precision,
    embedding halfvec(64),
    embedding_model text,
    indexed_content_hash text,
    search_vector tsvector
);
