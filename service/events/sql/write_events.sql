-- Write events, and count what was not there yet: by day and product, and clicks by the day and text of their search.
-- $1 keys  $2 kinds  $3 search ids  $4 product ids  $5 positions  $6 moments
-- Returns how many were written; the others were known, by their key or as the same kind for the same product and search.
with arrived as (
    select *
    from unnest($1::uuid [], $2::text [], $3::uuid [], $4::bigint [], $5::integer [], $6::timestamptz [])
        as event (event_id, kind, search_id, product_id, position, received_at)
),

written as (
    insert into events.event (event_id, kind, search_id, product_id, position, received_at)
    select * from arrived
    on conflict do nothing
    returning kind, search_id, product_id, position, received_at
),

products as (
    insert into events.product_day as counted (day, product_id, impressions, clicks, carts, purchases)
    select
        (received_at at time zone 'UTC')::date as day,
        product_id,
        count(*) filter (where kind = 'impression') as impressions,
        count(*) filter (where kind = 'click') as clicks,
        count(*) filter (where kind = 'cart') as carts,
        count(*) filter (where kind = 'purchase') as purchases
    from written
    group by 1, 2
    on conflict (day, product_id) do update set
        impressions = counted.impressions + excluded.impressions,
        clicks = counted.clicks + excluded.clicks,
        carts = counted.carts + excluded.carts,
        purchases = counted.purchases + excluded.purchases
),

-- One row per search that was clicked in; first_click: none of its clicks was known before.
clicked as (
    select
        written.search_id,
        count(*) as clicks,
        count(written.position) as placed_clicks,
        coalesce(sum(written.position), 0) as position_sum,
        not exists (
            select
            from events.event as earlier
            where earlier.search_id = written.search_id and earlier.kind = 'click'
        ) as first_click
    from written
    where written.kind = 'click' and written.search_id is not null
    group by written.search_id
),

queries as (
    update events.query_day as counted
    set
        searches_with_click = counted.searches_with_click + clicks.searches_with_click,
        clicks = counted.clicks + clicks.clicks,
        placed_clicks = counted.placed_clicks + clicks.placed_clicks,
        position_sum = counted.position_sum + clicks.position_sum
    from (
        select
            (search.asked_at at time zone 'UTC')::date as day,
            search.text,
            search.language,
            count(*) filter (where clicked.first_click and search.page_offset = 0) as searches_with_click,
            sum(clicked.clicks) as clicks,
            sum(clicked.placed_clicks) as placed_clicks,
            sum(clicked.position_sum) as position_sum
        from clicked
        inner join events.search using (search_id)
        group by 1, 2, 3
    ) as clicks
    where counted.day = clicks.day and counted.text = clicks.text and counted.language = clicks.language
)

select count(*) as written from written
