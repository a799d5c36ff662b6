{#
  dbt calls this when a table is filled and nobody sees it yet: of a full refresh, before it takes the place of the one
  in use. Whatever makes it fast to read is made here, so that taking the place locks readers out for milliseconds.
  Configs: `primary_key`, dbt's own `indexes`, `copied_indexes` (true: those that others made on the table in use).
  Keys and indexes get no name of their own: the table in use still holds the names that would be given.
#}
{% macro postgres__create_indexes(relation) %}
    {% set key = config.get('primary_key') %}
    {% if key %}
        {% do run_query('alter table ' ~ relation ~ ' add primary key (' ~ key | join(', ') ~ ')') %}
    {% endif %}
    {% do dbt.default__create_indexes(relation) %}
    {% if config.get('copied_indexes', false) and relation.identifier != this.identifier %}
        {% do copy_indexes(this, relation) %}
    {% endif %}
    {% if key %}
        {% do run_query('analyze ' ~ relation) %}
    {% endif %}
{% endmacro %}


{#
  The indexes that the embedding job made on the table in use, if most of what they are over was kept. If it was not,
  the job has to write it first and then builds them in a fraction of the time that keeping them up would take.
  One that somebody else made goes with the table, as ever, if its name is long or needs quotes.
#}
{% macro copy_indexes(in_use, relation) %}
    {% set kept = run_query('select coalesce(avg((search_vector is not null)::int), 0) from ' ~ relation) %}
    {% if kept.rows[0][0] > var('kept_share') %}
        {% for index in run_query(index_definitions(in_use)).rows if index['name'] | length < 54 %}
            {% set place = index['name'] ~ ' ON ' ~ index['place'] ~ ' ' %}
            {% set next_place = index['name'] ~ '_next ON ' ~ relation ~ ' ' %}
            {% do run_query(index['definition'] | replace(place, next_place, 1)) %}
        {% endfor %}
    {% endif %}
{% endmacro %}


{# When the table has taken its place, so do its copied indexes: the job looks for them by their names. #}
{% macro name_copied_indexes() %}
    {% if execute and not is_incremental() %}
        {% for index in run_query(index_definitions(this)).rows if index['name'].endswith('_next') %}
            {% set name = index['name'][:-5] %}
            alter index if exists {{ this.schema }}.{{ name }} rename to {{ name }}_before;
            alter index {{ this.schema }}.{{ index['name'] }} rename to {{ name }};
        {% endfor %}
    {% endif %}
{% endmacro %}


{% macro index_definitions(relation) %}
    select
        index_class.relname::text as name,
        format('%I.%I', namespace.nspname, table_class.relname) as place,
        pg_get_indexdef(entry.indexrelid) as definition
    from pg_index as entry
    inner join pg_class as index_class on entry.indexrelid = index_class.oid
    inner join pg_class as table_class on entry.indrelid = table_class.oid
    inner join pg_namespace as namespace on table_class.relnamespace = namespace.oid
    where
        entry.indrelid = '{{ relation }}'::regclass
        and entry.indisvalid
        and not entry.indisprimary
        and index_class.relname ~ '^[a-z_][a-z0-9_]{0,57}$'
    order by index_class.relname
{% endmacro %}
