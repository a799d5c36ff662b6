-- What shoppers did. No address, no user, no session is ever kept; docs/events.md says what is, and for how long.
-- Days are days of UTC. Counts by day are written in the same statement as the rows they count, so that reports and
-- popularity never read the rows.
create schema if not exists events;

-- One row per search.
create table if not exists events.search (
    search_id uuid primary key,
    asked_at timestamptz not null,
    text text collate "C" not null,
    language text not null,
    page_offset integer not null,
    total integer not null,
    outcome text not null check (outcome in ('found', 'similar', 'nothing', 'unknown')),
    corrected_to text,
    degraded boolean not null,
    took_ms real not null
);
comment on column events.search.text is 'The query, folded. Never an e-mail address or a telephone number.';
comment on column events.search.outcome is
'similar: only products near in meaning. unknown: nothing, but filtered or degraded, so it says little of the query.';
create index if not exists search_asked_at on events.search (asked_at);

-- One row per thing that happened to a product: once per key, and once per search, product and kind.
create table if not exists events.event (
    event_id uuid primary key,
    kind text not null check (kind in ('impression', 'click', 'cart', 'purchase')),
    search_id uuid,
    product_id bigint not null,
    position integer,
    received_at timestamptz not null
);
create unique index if not exists event_search_product_kind on events.event (search_id, product_id, kind)
where search_id is not null;
create index if not exists event_received_at on events.event (received_at);

-- One row per day and product. Updated in place all day: no other index, and room for the new versions.
create table if not exists events.product_day (
    day date not null,
    product_id bigint not null,
    impressions integer not null default 0,
    clicks integer not null default 0,
    carts integer not null default 0,
    purchases integer not null default 0,
    primary key (day, product_id)
) with (fillfactor = 70);

-- One row per day, text and language asked for. Later pages of a search are no searches; clicks on them count.
create table if not exists events.query_day (
    day date not null,
    text text collate "C" not null,
    language text not null,
    searches integer not null default 0,
    found integer not null default 0,
    only_similar integer not null default 0,
    nothing integer not null default 0,
    searches_with_click integer not null default 0,
    clicks integer not null default 0,
    placed_clicks integer not null default 0,
    position_sum bigint not null default 0,
    primary key (day, text, language)
) with (fillfactor = 70);
