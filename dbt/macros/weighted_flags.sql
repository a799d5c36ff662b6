{#
  The sum of a weight for each condition that holds: weighted_flags({'has_image': 0.1}, {'has_image': 'image is not null'}).
  Weights come from a var; a weight without a condition, or the other way round, stops the compilation.
#}
{% macro weighted_flags(weights, conditions) %}
    {# sqlfluff knows no vars and hands in a string #}
    {% if weights is mapping and weights | sort | list != conditions | sort | list %}
        {{ exceptions.raise_compiler_error('weights ' ~ weights | list ~ ' and conditions ' ~ conditions | list ~ ' differ') }}
    {% endif %}
    {% for name, condition in conditions.items() %}
        case when {{ condition }} then {{ weights[name] | default(0) }} else 0 end{{ ' +' if not loop.last }}
    {% endfor %}
{% endmacro %}


{# The sum of all weights of a var. #}
{% macro total_weight(weights) %}{{ weights.values() | sum if weights is mapping else 0 }}{% endmacro %}
