{# Whole calendar months from one timestamp to a later one: from 31 January to 1 February it is 1. #}
{% macro months_between(earlier, later) %}
    (
        (extract(year from {{ later }}) - extract(year from {{ earlier }})) * 12
        + extract(month from {{ later }}) - extract(month from {{ earlier }})
    )
{% endmacro %}
