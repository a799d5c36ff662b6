-- Whether the mart queues its changes; a full refresh makes a table that does not, until the embedding job has run.
select
    exists (select from embeddings.model where active)
    and exists (
        select
        from pg_trigger
        where
            tgrelid = to_regclass('staging_marts.dim_product_search')
            and tgname = 'queue_updated'
    ) as is_filled;
