-- Grain: one row per product: its vector of one version. Apart from the mart, so that two versions can stand side by
-- side and no change of a stock or a text touches the HNSW index of another thing. The vendor code is here for the
-- filter of the search; content_hash says which state of the product the vector is of.
create table if not exists {vectors} (
    product_id bigint primary key,
    vendor_code text collate "C",
    content_hash text,
    embedding halfvec({dimensions})
) with (fillfactor = 90);
alter table {vectors} alter column embedding set storage plain;
