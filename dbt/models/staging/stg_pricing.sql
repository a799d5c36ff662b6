-- Grain: one row per dbo.Pricing row (a price list); soft-deleted rows are kept.
select
    row_key as pricing_id,
    (after ->> 'BasePricingID')::bigint as base_pricing_id,
    after ->> 'Comment' as comment,
    (after ->> 'Created')::timestamp(6) as created,
    (after ->> 'CurrencyID')::bigint as currency_id,
    (after ->> 'Deleted')::boolean as deleted,
    (after ->> 'ExtraCharge')::double precision as extra_charge,
    after ->> 'Name' as name,
    (after ->> 'NetUID')::uuid as net_uid,
    (after ->> 'Updated')::timestamp(6) as updated,
    (after ->> 'PriceTypeID')::bigint as price_type_id,
    after ->> 'Culture' as culture,
    (after ->> 'CalculatedExtraCharge')::numeric(19, 4) as calculated_extra_charge,
    (after ->> 'ForShares')::boolean as for_shares,
    (after ->> 'ForVat')::boolean as for_vat,
    (after ->> 'SortingPriority')::integer as sorting_priority
from {{ latest_rows('pricing') }} as latest
