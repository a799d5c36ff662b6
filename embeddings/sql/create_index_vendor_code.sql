-- Vendor codes by their beginning: what a supplier's products are found by.
create index if not exists dim_product_search_vendor_code
on staging_marts.dim_product_search (vendor_code_normalised collate "C");
