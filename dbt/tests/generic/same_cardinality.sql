{# Rows in which two parallel arrays differ in length. #}
{% test same_cardinality(model, column_name, other) %}
select {{ column_name }}, {{ other }}
from {{ model }}
where cardinality({{ column_name }}) is distinct from cardinality({{ other }})
{% endtest %}
