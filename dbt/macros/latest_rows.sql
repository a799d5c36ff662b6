{#
  The newest image of every row of a source table, without the rows that were deleted in the source.

  Newest means latest in source order (commit position, change position, position within the change), then by the
  source's clock, then by arrival: events may arrive twice or out of order. Yields row_key and after (jsonb).

  Two things here are measured choices (278,698 products, 48 columns):
  * "not exists a newer event" hashes a few narrow columns and streams the wide ones: 0.25 s over reading alone;
    sorting for distinct on costs 1.7 s, a window function 1.0 s.
  * jsonb_to_record opens the envelope once. Written as `payload -> 'after' ->> 'Name'`, every column would decompress
    a large payload again (60,000 rows with long texts: 3.6 s against 0.6 s). Columns that a query does not use are
    still never converted, as they would be were jsonb_to_record asked for the row's own columns.
#}
{% macro latest_rows(table) %}
(
    select
        event.row_key,
        image.after
    from {{ source('bronze', table ~ '_cdc') }} as event
    cross join lateral jsonb_to_record(event.payload) as image (after jsonb, op text)
    where
        image.op <> 'd'
        and not exists (
            select
            from {{ source('bronze', table ~ '_cdc') }} as newer
            where
                newer.row_key = event.row_key
                and {{ source_position('newer') }} > {{ source_position('event') }}
        )
)
{% endmacro %}


{# Where an event stands in the source's own order, as a row value. Log positions are fixed-width hexadecimal. #}
{% macro source_position(event) %}
    (
        coalesce({{ event }}.commit_lsn, '') collate "C",
        coalesce({{ event }}.change_lsn, '') collate "C",
        coalesce({{ event }}.event_serial_no, 0),
        {{ event }}.source_ts_ms,
        {{ event }}.event_id
    )
{% endmacro %}
