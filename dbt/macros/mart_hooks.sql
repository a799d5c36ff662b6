{# What the marts do around their build. Each renders to nothing on runs that do not need it. #}

{# Before an incremental run: delete the rows whose key is no longer in `relation`. #}
{% macro delete_vanished(relation, key) %}
    {% if is_incremental() %}
        delete from {{ this }} as mart
        where not exists (
            select
            from {{ relation }} as live
            where
                {% for column in key %}
                    live.{{ column }} = mart.{{ column }}{{ ' and' if not loop.last }}
                {% endfor %}
        )
    {% endif %}
{% endmacro %}

{#
  After a full build. Keys and indexes are unnamed on purpose: while a full refresh runs, the old table still holds the
  names that would be given, and `if not exists` would leave the new table without them.
#}
{% macro add_primary_key(columns) %}
    {% if not is_incremental() %}
        alter table {{ this }} add primary key ({{ columns | join(', ') }})
    {% endif %}
{% endmacro %}

{% macro add_index(expressions) %}
    {% if not is_incremental() %}
        create index on {{ this }} ({{ expressions | join(', ') }})
    {% endif %}
{% endmacro %}
