-- Grain: one row per product that is not deleted, its texts cleaned of junk.
select
    product.product_id,
    product.net_uid,
    {{ clean_code('product.vendor_code') }} as vendor_code,
    {{ clean_name('product.name') }} as name_ru,
    {{ clean_name('product.name_ua') }} as name_uk,
    {{ clean_name('product.name_pl') }} as name_pl,
    {{ clean_text('product.description') }} as description_ru,
    {{ clean_text('product.description_ua') }} as description_uk,
    {{ clean_text('product.description_pl') }} as description_pl,
    {{ clean_text('product.notes_ua') }} as notes_uk,
    {{ clean_text('product.notes_pl') }} as notes_pl,
    {{ clean_name('product.synonyms_ua') }} as synonyms_uk,
    {{ clean_name('product.synonyms_pl') }} as synonyms_pl,
    {{ clean_code('product.size') }} as size,
    -- a weight of 0 means that nobody weighed it
    case when product.weight > 0 then product.weight end as weight,
    {{ clean_text('measure_unit.name') }} as measure_unit,
    {{ clean_code('product.main_original_number') }} as main_original_number,
    {{ clean_code('product.image') }} as image,
    product.is_for_sale,
    product.is_for_web,
    product.is_for_zero_sale,
    product.has_component,
    product.created,
    product.updated
from {{ ref('current_product') }} as product
left join {{ ref('current_measure_unit') }} as measure_unit using (measure_unit_id)
where not product.deleted
