-- One row: the publications of the last $1 seconds, and the newest of all that are remembered. A delay that is not over
-- (published, not searchable) counts up to now: a stuck job must not make the others look quick.
with recent as (
    select
        events,
        extract(epoch from published_at - oldest_commit_at) as worst_published,
        extract(epoch from published_at - median_commit_at) as typical_published,
        extract(epoch from coalesce(searchable_at, now()) - oldest_commit_at) as worst_searchable,
        extract(epoch from coalesce(searchable_at, now()) - median_commit_at) as typical_searchable
    from freshness.publication
    where published_at > now() - make_interval(secs => $1)
)

select
    count(*) as publications,
    coalesce(sum(events), 0)::bigint as events,
    percentile_cont(0.5) within group (order by typical_published)::float8 as typical_published,
    percentile_cont(0.5) within group (order by worst_published)::float8 as median_published,
    percentile_cont(0.95) within group (order by worst_published)::float8 as p95_published,
    max(worst_published)::float8 as worst_published,
    percentile_cont(0.5) within group (order by typical_searchable)::float8 as typical_searchable,
    percentile_cont(0.5) within group (order by worst_searchable)::float8 as median_searchable,
    percentile_cont(0.95) within group (order by worst_searchable)::float8 as p95_searchable,
    max(worst_searchable)::float8 as worst_searchable,
    (select max(published_at) from freshness.publication) as newest_published_at,
    extract(epoch from now() - (select max(published_at) from freshness.publication))::float8 as newest_age
from recent
