{#
  clean_text: single spaces, no spaces at the ends; null when nothing is left.
  clean_name: the same, and null for junk: a text without a single letter ('-2146826246', which is how Excel's #N/A
  comes out of a spreadsheet, '.', '12 345') or the name of nothing ('null', '#N/A').
  clean_code: the same, and null when there is no letter or digit to search for.
  Letters are given as ranges, because character classes depend on the database's locale.
#}
{% macro clean_text(expression) %}
    nullif(btrim(regexp_replace({{ expression }}, '\s+', ' ', 'g')), '')
{% endmacro %}

{% macro clean_name(expression) %}
    case
        when
            {{ expression }} ~ '[A-Za-z\u00C0-\u024F\u0400-\u04FF]'
            and lower(btrim({{ expression }})) not in ('null', 'none', 'nan', 'n/a', '#n/a', '#ref!', '#name?', '#value!')
            then {{ clean_text(expression) }}
    end
{% endmacro %}

{% macro clean_code(expression) %}
    case when {{ expression }} ~ '[A-Za-z0-9\u00C0-\u024F\u0400-\u04FF]' then {{ clean_text(expression) }} end
{% endmacro %}
