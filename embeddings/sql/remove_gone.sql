-- Products that left the mart: their vectors go, and they are off the queue.
with gone as (
    select pending.product_id
    from embeddings.pending as pending
    where pending.model = %(model)s
        and pending.claimed_by = %(worker)s
        and pending.product_id = any(%(products)s)
        and not exists (
            select from staging_marts.dim_product_search as product where product.product_id = pending.product_id
        )
    for update skip locked
),

removed as (
    delete from {vectors} as stored using gone where stored.product_id = gone.product_id
)

delete from embeddings.pending as pending using gone
where pending.model = %(model)s and pending.product_id = gone.product_id;
