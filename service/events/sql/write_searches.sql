-- Write searches, and count the first pages by day, text and language. A search_id that is there already is not counted
-- again, so that a batch may be written twice.
-- $1 search ids  $2 moments  $3 texts  $4 languages  $5 offsets  $6 totals  $7 outcomes  $8 corrected texts
-- $9 degraded  $10 milliseconds
with arrived as (
    select *
    from unnest(
        $1::uuid [], $2::timestamptz [], $3::text [], $4::text [], $5::integer [], $6::integer [], $7::text [],
        $8::text [], $9::boolean [], $10::real []
    ) as search (
        search_id, asked_at, text, language, page_offset, total, outcome, corrected_to, degraded, took_ms
    )
),

written as (
    insert into events.search (
        search_id, asked_at, text, language, page_offset, total, outcome, corrected_to, degraded, took_ms
    )
    select * from arrived
    on conflict do nothing
    returning asked_at, text, language, page_offset, outcome
)

insert into events.query_day as counted (day, text, language, searches, found, only_similar, nothing)
select
    (asked_at at time zone 'UTC')::date as day,
    text,
    language,
    count(*) as searches,
    count(*) filter (where outcome = 'found') as found,
    count(*) filter (where outcome = 'similar') as only_similar,
    count(*) filter (where outcome = 'nothing') as nothing
from written
where page_offset = 0
group by 1, 2, 3
on conflict (day, text, language) do update set
    searches = counted.searches + excluded.searches,
    found = counted.found + excluded.found,
    only_similar = counted.only_similar + excluded.only_similar,
    nothing = counted.nothing + excluded.nothing
