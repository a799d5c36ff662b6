-- Grain: one row per source table whose rows were all read by this version of the dbt project. None while there is no
-- baseline, which is drawn by a complete run as soon as there are products.
select position.table_name
from staging_intermediate.source_position as position
where
    position.built_by = %(built_by)s
    and exists (select from staging_intermediate.freshness_epoch)
    and exists (select from staging_intermediate.tier_line);
