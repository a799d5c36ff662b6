-- One row: products that wait, and the slowest changes of the last hour's publications, delays in seconds up to now.
with recent as (
    select
        events,
        extract(epoch from published_at - oldest_commit_at) as published,
        extract(epoch from coalesce(searchable_at, now()) - oldest_commit_at) as searchable
    from freshness.publication
    where published_at > now() - interval '1 hour'
)

select
    pipeline.waiting,
    extract(epoch from now() - pipeline.waiting_since)::float8 as waiting_age_seconds,
    pipeline.dead_letters,
    count(recent.events) as publications,
    coalesce(sum(recent.events), 0)::bigint as published_events,
    percentile_cont(0.5) within group (order by recent.published)::float8 as median_published_seconds,
    max(recent.published)::float8 as worst_published_seconds,
    percentile_cont(0.5) within group (order by recent.searchable)::float8 as median_searchable_seconds,
    max(recent.searchable)::float8 as worst_searchable_seconds
from freshness.pipeline as pipeline
left join recent on true
group by pipeline.waiting, pipeline.waiting_since, pipeline.dead_letters;
