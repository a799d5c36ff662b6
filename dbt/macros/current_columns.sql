{#
  What the marts read of each source table: the columns besides its key, <table>_id. The narrower, the fewer changes
  touch a product. A column added here is one that a change of which rewrites the products it belongs to.
#}
{% macro current_tables() %}
    {{ return({
        'product': [
            'net_uid', 'vendor_code', 'name', 'name_ua', 'name_pl', 'description', 'description_ua',
            'description_pl', 'notes_ua', 'notes_pl', 'synonyms_ua', 'synonyms_pl', 'size', 'weight',
            'measure_unit_id', 'main_original_number', 'image', 'is_for_sale', 'is_for_web', 'is_for_zero_sale',
            'has_component', 'created', 'updated', 'deleted'
        ],
        'measure_unit': ['name'],
        'product_original_number': ['product_id', 'original_number_id', 'is_main_original_number', 'deleted'],
        'original_number': ['number', 'main_number', 'deleted'],
        'product_analogue': ['base_product_id', 'analogue_product_id', 'deleted'],
        'product_category': ['product_id', 'category_id', 'deleted'],
        'category': ['root_category_id', 'name', 'deleted'],
        'product_product_group': ['product_id', 'product_group_id', 'deleted'],
        'product_group': ['name', 'is_active', 'deleted'],
        'product_sub_group': ['root_product_group_id', 'sub_product_group_id', 'deleted'],
        'product_car_brand': ['product_id', 'car_brand_id', 'deleted'],
        'car_brand': ['name', 'deleted'],
        'product_image': ['product_id', 'image_url', 'is_main_image', 'deleted'],
        'product_slug': ['product_id', 'url', 'locale', 'deleted'],
        'product_pricing': ['product_id', 'pricing_id', 'price', 'updated', 'deleted'],
        'pricing': ['base_pricing_id', 'sorting_priority', 'deleted'],
        'product_availability': ['product_id', 'storage_id', 'amount', 'deleted'],
        'storage': ['for_defective', 'deleted'],
        'product_reservation': ['product_availability_id', 'qty', 'deleted'],
        'product_transfer_item': ['product_id', 'deleted'],
        'product_income': ['from_date', 'deleted'],
        'product_income_item': ['product_income_id', 'product_capitalization_item_id', 'deleted'],
        'product_capitalization_item': ['product_id'],
        'product_placement': ['product_income_item_id', 'product_id', 'deleted'],
    }) }}
{% endmacro %}


{% macro current_columns(table) %}{{ return(current_tables()[table]) }}{% endmacro %}
