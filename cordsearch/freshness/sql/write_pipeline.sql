insert into freshness.pipeline as kept (
    observed_at, products, waiting, waiting_since, dead_letters, lost_messages, publications, published_events
)
values (
    now(), %(products)s, %(waiting)s, %(waiting_since)s, %(dead_letters)s, %(lost_messages)s, %(new_publications)s,
    %(new_events)s
)
on conflict (only_row) do update
set
    observed_at = excluded.observed_at,
    products = excluded.products,
    waiting = excluded.waiting,
    -- where the beginning is not known it is when somebody first looked
    waiting_since = case
        when excluded.waiting > 0 then coalesce(excluded.waiting_since, kept.waiting_since, now())
    end,
    dead_letters = excluded.dead_letters,
    lost_messages = excluded.lost_messages,
    publications = kept.publications + excluded.publications,
    published_events = kept.published_events + excluded.published_events;
