-- Distinct tuples of names: the training material. The order makes training repeatable.
select distinct name_ru, name_uk, name_pl, synonyms
from staging_marts.dim_product_search
order by name_ru, name_uk, name_pl, synonyms;
