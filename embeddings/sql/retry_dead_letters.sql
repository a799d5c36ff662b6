-- Put the products of dead letters back on the queue; one that fails again is parked again.
with retried as (
    delete from embeddings.dead_letter returning model, product_id
)

insert into embeddings.pending (model, product_id)
select model, product_id from retried
on conflict (model, product_id) do nothing;
