-- What bronze last holds of each live source row: a hash of its content and the event that brought it.
-- A hash, not the content, so that a page is compared without opening large payloads again.
create table if not exists bronze.{state} (
    row_key bigint primary key,
    content_hash uuid not null,
    event_id bigint not null
);

-- Events are appended in the order of event_id, so a block range index finds one of them at next to no cost.
create index if not exists {index} on bronze.{bronze} using brin (event_id) with (pages_per_range = 32);
