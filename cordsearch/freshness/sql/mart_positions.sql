-- Grain: one row per table the marts read: the position of the marts, and whether what was taken up to it is published.
-- Products stay in touched_product until the transaction that publishes them.
select
    table_name,
    event_id,
    not exists (select from staging_intermediate.touched_product) as published,
    now() as seen_at
from staging_intermediate.source_position;
