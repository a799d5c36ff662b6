-- What the demo source says of every live product. Grain: one row per product.
select
    product."ID" as product_id,
    truth.part_type,
    product."Name" as name_ru,
    product."NameUA" as name_uk,
    product."NamePL" as name_pl,
    product."Size" as size,
    product."VendorCode" as vendor_code,
    product."MainOriginalNumber" as main_number
from dbo."Product" as product
inner join demo.product_truth as truth on truth.product_id = product."ID"
where not product."Deleted"
order by product."ID"
