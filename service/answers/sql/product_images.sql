-- The images of one product. Grain: one row per image, the main one first. Looked up by an index on the product.
-- $1 product id
select btrim(regexp_replace(image_url, '\s+', ' ', 'g')) as url
from staging_intermediate.current_product_image
where product_id = $1::bigint and not deleted and image_url ~ '\S'
order by is_main_image desc, product_image_id
