-- Grain: one row, or none before the first observation.
select
    observed_at,
    products,
    waiting,
    dead_letters,
    lost_messages,
    publications,
    published_events,
    extract(epoch from now() - observed_at)::float8 as observed_age,
    extract(epoch from now() - waiting_since)::float8 as waiting_age_seconds
from freshness.pipeline
