-- Whether the mart tells of its changes: a full refresh makes a new table, without the triggers. Null without a mart.
select case
    when to_regclass('staging_marts.dim_product_search') is not null then exists (
        select from pg_trigger
        where tgrelid = to_regclass('staging_marts.dim_product_search') and tgname = 'queue_deleted'
    )
end;
