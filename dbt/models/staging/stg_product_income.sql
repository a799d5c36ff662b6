-- Grain: one row per dbo.ProductIncome row (a goods-received document); soft-deleted rows are kept.
select
    row_key as product_income_id,
    (after ->> 'NetUID')::uuid as net_uid,
    (after ->> 'Created')::timestamp(6) as created,
    (after ->> 'Updated')::timestamp(6) as updated,
    (after ->> 'Deleted')::boolean as deleted,
    (after ->> 'FromDate')::timestamp(6) as from_date,
    after ->> 'Number' as number,
    (after ->> 'UserID')::bigint as user_id,
    (after ->> 'StorageID')::bigint as storage_id,
    after ->> 'Comment' as comment,
    (after ->> 'ProductIncomeType')::integer as product_income_type,
    (after ->> 'IsHide')::boolean as is_hide,
    (after ->> 'IsFromOneC')::boolean as is_from_one_c
from {{ latest_rows('product_income') }} as latest
