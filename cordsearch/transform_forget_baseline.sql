-- The next complete run draws both anew.
drop table if exists staging_intermediate.freshness_epoch, staging_intermediate.tier_line;
