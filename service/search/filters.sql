-- What each filter asks of a product. A statement gets only the conditions that are asked for, so that its one plan
-- knows them and can use their indexes (measured: docs/adr/0022-search-api.md). ${1}, ${2}: where the values are bound.
-- filter: supplier
product.vendor_code_normalised collate "C" >= ${1}::text and product.vendor_code_normalised collate "C" < ${2}::text
-- filter: supplier_beside_words
-- Beside a condition on words: lets their indexes intersect words and supplier. Elsewhere planners take it for a reason
-- to read all products of the supplier (docs/adr/0033).
product.vendor_code_normalised collate "C" >= ${1}::text and product.vendor_code_normalised collate "C" < ${2}::text
and array[
    left(product.vendor_code_normalised, 1),
    left(product.vendor_code_normalised, 2),
    left(product.vendor_code_normalised, 3),
    left(product.vendor_code_normalised, 4),
    left(product.vendor_code_normalised, 5)
] @> array[left(${1}::text, 5)]
-- filter: category
product.category_ids && ${1}::bigint[]
-- filter: group
product.group_ids && ${1}::bigint[]
-- filter: car_brand
product.car_brand_ids && ${1}::bigint[]
-- filter: available
(product.available_quantity > 0) = ${1}::boolean
-- filter: price
product.price::double precision >= ${1}::double precision and product.price::double precision <= ${2}::double precision
-- filter: weight
product.weight >= ${1}::double precision and product.weight <= ${2}::double precision
-- filter: has_image
product.has_image = ${1}::boolean
-- filter: for_web
product.is_for_web = ${1}::boolean
-- filter: not_category
(product.category_ids && ${1}::bigint[]) is not true
-- filter: not_group
(product.group_ids && ${1}::bigint[]) is not true
-- filter: not_car_brand
(product.car_brand_ids && ${1}::bigint[]) is not true
-- filter: hidden
product.product_id <> all(${1}::bigint[])
