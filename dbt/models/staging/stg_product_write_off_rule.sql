-- Grain: one row per dbo.ProductWriteOffRule row (a rule by which stock of a product or group is written off).
-- Soft-deleted rows are kept.
select
    row_key as product_write_off_rule_id,
    (after ->> 'NetUID')::uuid as net_uid,
    (after ->> 'Created')::timestamp(6) as created,
    (after ->> 'Updated')::timestamp(6) as updated,
    (after ->> 'Deleted')::boolean as deleted,
    after ->> 'RuleLocale' as rule_locale,
    (after ->> 'RuleType')::integer as rule_type,
    (after ->> 'CreatedByID')::bigint as created_by_id,
    (after ->> 'UpdatedByID')::bigint as updated_by_id,
    (after ->> 'ProductID')::bigint as product_id,
    (after ->> 'ProductGroupID')::bigint as product_group_id
from {{ latest_rows('product_write_off_rule') }} as latest
