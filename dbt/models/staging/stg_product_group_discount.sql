-- Grain: one row per dbo.ProductGroupDiscount row (the discount a client agreement has on a product group).
-- Soft-deleted rows are kept.
select
    row_key as product_group_discount_id,
    (after ->> 'ClientAgreementID')::bigint as client_agreement_id,
    (after ->> 'Created')::timestamp(6) as created,
    (after ->> 'Deleted')::boolean as deleted,
    (after ->> 'DiscountRate')::double precision as discount_rate,
    (after ->> 'IsActive')::boolean as is_active,
    (after ->> 'NetUID')::uuid as net_uid,
    (after ->> 'ProductGroupID')::bigint as product_group_id,
    (after ->> 'Updated')::timestamp(6) as updated
from {{ latest_rows('product_group_discount') }} as latest
