-- Leave out products that are being changed at this moment, or were: their next change is already queued.
with same as (
    select product.product_id
    from incoming_document as incoming
    inner join staging_marts.dim_product_search as product on product.product_id = incoming.product_id
    where product.content_hash is not distinct from incoming.content_hash
    for no key update of product skip locked
)

delete from incoming_document where product_id not in (select product_id from same);
