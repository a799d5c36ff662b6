-- Take the next free products. Rows that another worker is taking at this moment are passed over, so any number of
-- workers on any number of machines share the work. A claim holds while its worker lives, that is, holds its advisory
-- lock, which ends with its connection; the time is for a machine that vanished without closing it. Rows are found again
-- by their place: by their key, a planner that takes the queue for empty joins all of it with all of the chosen ones.
with alive as materialized (
    select objid::bigint as worker
    from pg_locks
    where locktype = 'advisory' and classid = %(lock_class)s and granted
        and database = (select oid from pg_database where datname = current_database())
),

chosen as (
    select ctid as place
    from embeddings.pending
    where model = %(model)s
        and product_id > %(after)s
        and (
            claimed_by is null
            or claimed_until < clock_timestamp()
            or claimed_by::bigint not in (select worker from alive)
        )
    order by product_id
    limit %(limit)s
    for update skip locked
)

update embeddings.pending as pending
set claimed_by = %(worker)s, claimed_until = clock_timestamp() + interval '15 minutes'
where pending.ctid = any(array(select place from chosen))
returning pending.product_id, pending.touch;
