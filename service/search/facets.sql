-- How many of the products that a search finds have each value. Grain: facet x value, in no order. The set is what has
-- all the words and passes the filters, and beside it what retrievers proposed for other reasons (a number, fewer
-- words, meaning). At most $4 products with the words are read, in heap order, that is the best ones; where there are
-- more, how far down the table they reached tells how many there are in all, and their counts are multiplied.
-- A facet that nobody asked for costs nothing: its condition is checked before its part runs.
-- $1 all words (text of a tsquery) or null, $2 proposed product ids, $3 facets asked for, $4 products read, $5 values of
-- each facet, $6 bounds between price ranges, ascending; filters: filters.sql
with worded as materialized (
    select
        product.ctid as place,
        product.vendor_code_normalised,
        product.category_ids,
        product.category_names,
        product.group_ids,
        product.group_names,
        product.car_brand_ids,
        product.car_brand_names,
        product.available_quantity,
        product.price,
        product.has_image,
        product.is_for_web
    from staging_marts.dim_product_search as product
    where product.search_vector @@ $1::tsquery {filters beside words}
    limit $4 + 1
),

size as materialized (
    select
        count(*) as read,
        count(*) > $4 as is_estimated,
        case
            when count(*) > $4
                then
                    greatest(
                        1.0,
                        pg_relation_size('staging_marts.dim_product_search')
                        / (current_setting('block_size')::double precision * ((max(place)::text::point)[0] + 1))
                    )
            else 1.0
        end as times
    from worded
),

matched as materialized (
    select
        worded.*,
        size.times
    from worded
    cross join size
    union all
    select
        product.ctid as place,
        product.vendor_code_normalised,
        product.category_ids,
        product.category_names,
        product.group_ids,
        product.group_names,
        product.car_brand_ids,
        product.car_brand_names,
        product.available_quantity,
        product.price,
        product.has_image,
        product.is_for_web,
        1.0 as times
    from staging_marts.dim_product_search as product
    where
        product.product_id = any($2::bigint[])
        and (product.search_vector @@ $1::tsquery) is not true
),

counted as (
    (
        select
            'category' as facet,
            value.id::text as value,
            min(value.name) as label,
            sum(matched.times) as products,
            null::double precision as lowest,
            null::double precision as highest
        from matched
        cross join lateral unnest(matched.category_ids, matched.category_names) as value (id, name)
        where 'category' = any($3::text[])
        group by value.id
        order by sum(matched.times) desc, value.id
        limit $5
    )
    union all
    (
        select 'group', value.id::text, min(value.name), sum(matched.times), null, null
        from matched
        cross join lateral unnest(matched.group_ids, matched.group_names) as value (id, name)
        where 'group' = any($3::text[])
        group by value.id
        order by sum(matched.times) desc, value.id
        limit $5
    )
    union all
    (
        select 'car_brand', value.id::text, min(value.name), sum(matched.times), null, null
        from matched
        cross join lateral unnest(matched.car_brand_ids, matched.car_brand_names) as value (id, name)
        where 'car_brand' = any($3::text[])
        group by value.id
        order by sum(matched.times) desc, value.id
        limit $5
    )
    union all
    (
        select 'supplier', value.letters, null, sum(matched.times), null, null
        from matched
        cross join lateral (select substring(matched.vendor_code_normalised from '^[^0-9]{1,40}')) as value (letters)
        where 'supplier' = any($3::text[]) and value.letters is not null
        group by value.letters
        order by sum(matched.times) desc, value.letters
        limit $5
    )
    union all
    select 'available', (available_quantity > 0)::text, null, sum(times), null, null
    from matched
    where 'available' = any($3::text[])
    group by available_quantity > 0
    union all
    select 'has_image', has_image::text, null, sum(times), null, null
    from matched
    where 'has_image' = any($3::text[])
    group by has_image
    union all
    select 'for_web', is_for_web::text, null, sum(times), null, null
    from matched
    where 'for_web' = any($3::text[])
    group by is_for_web
    union all
    select
        'price',
        width_bucket(price::double precision, $6::double precision[])::text,
        null,
        sum(times),
        min(price)::double precision,
        max(price)::double precision
    from matched
    where 'price' = any($3::text[]) and price is not null
    group by width_bucket(price::double precision, $6::double precision[])
)

select
    counted.facet,
    counted.value,
    counted.label,
    round(counted.products)::bigint as products,
    counted.lowest,
    counted.highest,
    size.is_estimated
from size
left join counted on true
