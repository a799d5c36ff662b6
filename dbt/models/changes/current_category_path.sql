{{ config(materialized='table', indexes=[{'columns': ['category_id'], 'unique': true}]) }}

-- Grain: one row per live category: int_category_path, kept because its recursion always runs over all categories.
select
    category_id,
    path_ids,
    path_names
from {{ ref('int_category_path') }}
