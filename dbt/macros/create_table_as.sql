{#
  dbt-postgres' own create table as, plus the config `fillfactor` (percent), which it does not know. The space left free
  in every page lets an update of an unindexed column stay in its page and out of all indexes (a HOT update).
#}
{% macro postgres__create_table_as(temporary, relation, sql) -%}
    {%- set fillfactor = config.get('fillfactor') -%}
    create {{ 'temporary' if temporary else 'unlogged' if config.get('unlogged', false) }} table {{ relation }}
    {% if fillfactor and not temporary %}with (fillfactor = {{ fillfactor | int }}){% endif %}
    as (
        {{ sql }}
    );
{%- endmacro %}
