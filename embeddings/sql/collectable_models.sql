-- Versions beyond the newest ones to keep. What was in use counts from when it was last in use.
with ranked as (
    select
        model_id,
        path,
        deactivated,
        row_number() over (order by coalesce(deactivated, created) desc, model_id) as place
    from embeddings.model
    where not active
)

select model_id, path
from ranked
where place > %(keep)s
    and (deactivated is null or deactivated < now() - %(grace)s::interval)
    and not exists (
        select from embeddings.pending
        where pending.model = ranked.model_id and pending.claimed_until > clock_timestamp()
    )
order by place;
