-- Copy the next vectors to the mart. Rows that somebody else is writing are passed over: waiting for them while holding
-- others could be a deadlock. Returns the last product looked at, how many differ, and how many of them were written.
with next as materialized (
    select product_id, embedding from {vectors}
    where product_id > %(after)s
    order by product_id
    limit %(limit)s
),

differing as materialized (
    select next.product_id, next.embedding
    from next
    inner join staging_marts.dim_product_search as product on product.product_id = next.product_id
    where product.embedding_model is distinct from %(model)s or product.embedding is distinct from next.embedding
),

mine as materialized (
    select product.product_id
    from staging_marts.dim_product_search as product
    where product.product_id in (select product_id from differing)
    for no key update skip locked
),

written as (
    update staging_marts.dim_product_search as product
    set embedding = differing.embedding, embedding_model = %(model)s
    from mine
    inner join differing on differing.product_id = mine.product_id
    where product.product_id = mine.product_id
        and exists (select from embeddings.model where model_id = %(model)s and active)
    returning 1
)

select
    (select max(product_id) from next),
    (select count(*) from differing),
    (select count(*) from written);
