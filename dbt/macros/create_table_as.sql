{#
  dbt-postgres' own create table as, plus two configs it does not know. `fillfactor` (percent): the space left free in
  every page lets an update of an unindexed column stay in its page and out of all indexes (a HOT update). `storage`
  (column: storage): which columns stay in their row when it is too wide for its page; rows written before it is said
  keep what they have.
#}
{% macro postgres__create_table_as(temporary, relation, sql) -%}
    {%- set fillfactor = config.get('fillfactor') -%}
    {%- set storage = {} if temporary else config.get('storage', {}) -%}
    create {{ 'temporary' if temporary else 'unlogged' if config.get('unlogged', false) }} table {{ relation }}
    {% if fillfactor and not temporary %}with (fillfactor = {{ fillfactor | int }}){% endif %}
    as (
        {{ sql }}
    ) {{ 'with no data' if storage }};
    {% for column, where in storage.items() %}
        alter table {{ relation }} alter column {{ column }} set storage {{ where }};
    {% endfor %}
    {% if storage %}
        insert into {{ relation }} ({{ sql }});
    {% endif %}
{%- endmacro %}
