-- Grain: one row per dbo.ProductSpecification row (the customs specification of a product); soft-deleted rows are kept.
select
    row_key as product_specification_id,
    (after ->> 'AddedByID')::bigint as added_by_id,
    (after ->> 'Created')::timestamp(6) as created,
    (after ->> 'Deleted')::boolean as deleted,
    (after ->> 'NetUID')::uuid as net_uid,
    (after ->> 'ProductID')::bigint as product_id,
    after ->> 'SpecificationCode' as specification_code,
    (after ->> 'Updated')::timestamp(6) as updated,
    after ->> 'Name' as name,
    (after ->> 'IsActive')::boolean as is_active,
    (after ->> 'DutyPercent')::numeric(19, 4) as duty_percent,
    after ->> 'Locale' as locale,
    (after ->> 'CustomsValue')::numeric(18, 2) as customs_value,
    (after ->> 'Duty')::numeric(18, 2) as duty,
    (after ->> 'VATPercent')::numeric(18, 2) as vat_percent,
    (after ->> 'VATValue')::numeric(18, 2) as vat_value
from {{ latest_rows('product_specification') }} as latest
