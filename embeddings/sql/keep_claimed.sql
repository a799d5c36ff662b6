-- Leave out what is no longer this worker's: changed since, or taken over after the claim ran out. What stays is locked
-- until the end of the transaction. Nothing is waited for, so a refresh of the marts cannot be caught in a deadlock.
with mine as (
    select pending.product_id
    from incoming_document as incoming
    inner join embeddings.pending as pending
        on pending.model = %(model)s and pending.product_id = incoming.product_id and pending.touch = incoming.touch
    where pending.claimed_by = %(worker)s
    for update of pending skip locked
)

delete from incoming_document where product_id not in (select product_id from mine);
