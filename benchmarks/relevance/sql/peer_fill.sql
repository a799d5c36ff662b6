-- The peers' table from the texts of documents.sql and the vectors that are stored. Grain: one row per product.
insert into peer_document (product_id, names, more, groups, codes, embedding)
select
    document.product_id,
    document.names,
    document.more,
    document.groups,
    document.codes,
    product.embedding::vector
from ({documents}) as document
inner join staging_marts.dim_product_search as product using (product_id)
