-- Grain: one row per dbo.ProductIncomeItem row (one line of a goods-received document); soft-deleted rows are kept.
select
    (after ->> 'Created')::timestamp(6) as created,
    (after ->> 'Deleted')::boolean as deleted,
    row_key as product_income_item_id,
    (after ->> 'NetUID')::uuid as net_uid,
    (after ->> 'Updated')::timestamp(6) as updated,
    (after ->> 'SaleReturnItemID')::bigint as sale_return_item_id,
    (after ->> 'ProductIncomeID')::bigint as product_income_id,
    (after ->> 'PackingListPackageOrderItemID')::bigint as packing_list_package_order_item_id,
    (after ->> 'Qty')::double precision as qty,
    (after ->> 'SupplyOrderUkraineItemID')::bigint as supply_order_ukraine_item_id,
    (after ->> 'RemainingQty')::double precision as remaining_qty,
    (after ->> 'ActReconciliationItemID')::bigint as act_reconciliation_item_id,
    (after ->> 'ProductCapitalizationItemID')::bigint as product_capitalization_item_id
from {{ latest_rows('product_income_item') }} as latest
