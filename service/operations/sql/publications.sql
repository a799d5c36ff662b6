-- The newest publications of the marts. Grain: one row per publication.
-- $1 how many
select
    published_at,
    searchable_at,
    events,
    extract(epoch from published_at - oldest_commit_at)::float8 as published_seconds,
    extract(epoch from searchable_at - oldest_commit_at)::float8 as searchable_seconds
from freshness.publication
order by publication_id desc
limit $1
