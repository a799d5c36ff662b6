-- Grain: one row per dbo.ProductPlacement row (the quantity of a product in a storage cell).
-- Soft-deleted rows are kept.
select
    row_key as product_placement_id,
    (after ->> 'NetUID')::uuid as net_uid,
    (after ->> 'Created')::timestamp(6) as created,
    (after ->> 'Updated')::timestamp(6) as updated,
    (after ->> 'Deleted')::boolean as deleted,
    (after ->> 'Qty')::double precision as qty,
    after ->> 'StorageNumber' as storage_number,
    after ->> 'RowNumber' as row_number,
    after ->> 'CellNumber' as cell_number,
    (after ->> 'ProductID')::bigint as product_id,
    (after ->> 'StorageID')::bigint as storage_id,
    (after ->> 'PackingListPackageOrderItemID')::bigint as packing_list_package_order_item_id,
    (after ->> 'SupplyOrderUkraineItemID')::bigint as supply_order_ukraine_item_id,
    (after ->> 'ProductIncomeItemID')::bigint as product_income_item_id,
    (after ->> 'ConsignmentItemID')::bigint as consignment_item_id,
    (after ->> 'IsOriginal')::boolean as is_original,
    (after ->> 'IsHistorySet')::boolean as is_history_set
from {{ latest_rows('product_placement') }} as latest
