{#
  The sum of a weight for each condition that holds: weighted_flags({'has_image': 0.1}, {'has_image': 'image is not null'}).
  Weights come from a var; a weight without a condition, or the other way round, stops the compilation.
#}
{% macro weighted_flags(weights, conditions) %}
    {% if weights.keys() | sort | list != conditions.keys() | sort | list %}
        {{ exceptions.raise_compiler_error('weights ' ~ weights.keys() | list ~ ' and conditions ' ~ conditions.keys() | list ~ ' differ') }}
    {% endif %}
    {% for name, condition in conditions.items() %}
        case when {{ condition }} then {{ weights[name] }} else 0 end{{ ' +' if not loop.last }}
    {% endfor %}
{% endmacro %}
