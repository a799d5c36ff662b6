{#
  How good a product is as an answer before the query is known (var static_quality_weights), from columns of
  dim_product. In steps of 0.01, so that one more reservation seldom moves a row in the indexes that carry it.
#}
{% macro static_quality() -%}
    {%- set weights = var('static_quality_weights') -%}
    round((
        {{ weights['popularity'] }} * popularity
        + {{ weights['data_quality'] }} * data_quality
        + {{ weights['freshness'] }} * freshness
        + case when is_for_web then {{ weights['is_for_web'] }} else 0 end
    )::numeric, 2)::real
{%- endmacro %}
