{# The newest row of every source row of a table, narrowed to what the marts read. #}
{% macro current_rows(table) -%}
    select
        {{ table }}_id,
        {%- for column in current_columns(table) %}
        {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('stg_' ~ table) }}
{%- endmacro %}


{# The source table a model current_<table> follows. #}
{% macro followed_table() %}{{ return(model['name'][8:]) }}{% endmacro %}


{#
  Before a table is read whole: the two indexes of its bronze table that incremental runs live on, and a note of how far
  the events went before the reading began. The indexes are made here and not by the loader, because building them after
  the bulk load costs a fraction of keeping them during it.

  A transaction that was writing to the bronze table at that moment may hold event ids below the newest one. Then the
  position stays where it was, and the next runs read again from there; see follow_source.
#}
{% macro begin_reading() %}
    {% set table = followed_table() %}
    {% set bronze = source('bronze', table ~ '_cdc') %}
    create index if not exists {{ table }}_cdc_row_key on {{ bronze }} (row_key);
    create index if not exists {{ table }}_cdc_event_id on {{ bronze }} (event_id);
    analyze {{ bronze }} (event_id, row_key);
    create temporary table reached on commit drop as
    select {{ newest_event_id(bronze) }} as event_id;
    insert into {{ ref('source_position') }} as known (table_name, event_id, rebuilt)
    select '{{ table }}', case when writer.holders is null then reached.event_id else 0 end, true
    from reached
    cross join ({{ writers(bronze) }}) as writer
    on conflict (table_name) do update
    set
        event_id = greatest(known.event_id, excluded.event_id), candidate = null, holders = null, rebuilt = true,
        built_by = null
{% endmacro %}


{# The highest event id given out so far, whether its transaction has ended or not. #}
{% macro newest_event_id(bronze) -%}
    coalesce(pg_sequence_last_value(pg_get_serial_sequence('{{ bronze }}', 'event_id')::regclass), 0)
{%- endmacro %}


{# One row: the transactions that may be writing to a bronze table just now, null if there are none. #}
{% macro writers(bronze) -%}
    select array_agg(distinct virtualtransaction) as holders
    from pg_locks
    where
        relation = '{{ bronze }}'::regclass
        and database = (select oid from pg_database where datname = current_database())
        and pid is distinct from pg_backend_pid()
        and mode in ('RowExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
{%- endmacro %}
