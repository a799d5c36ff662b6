{# What the marts do around their build. Each renders to nothing on runs that do not need it. #}

{# Memory for hash joins and sorts over all products; compiling a plan costs more than a short run takes. #}
{% macro prepare_session() %}
    set local work_mem = '{{ var('work_mem') }}';
    set local jit = off
{% endmacro %}


{#
  Beside a mart that is searched a model takes one processor, not all of them: the run takes longer, and searches go on.
  Nothing is searched before the first build.
#}
{% macro leave_processors_to_searches() %}
    {% if model.config.materialized != 'view' %}
        select
            set_config('max_parallel_workers_per_gather', '0', true),
            set_config('max_parallel_maintenance_workers', '0', true)
        where to_regclass('{{ target.schema }}_marts.dim_product_search') is not null
    {% endif %}
{% endmacro %}


{# Before unpublished_product is written: which products it will speak for. #}
{% macro note_what_is_computed() %}
    truncate {{ ref('computed_product') }};
    insert into {{ ref('computed_product') }} select product_id from {{ ref('touched_product') }}
{% endmacro %}


{#
  Before an incremental run: delete the rows of computed products that are not in `unpublished`, which holds everything
  the marts should say of them. `keys` is the grain of the mart. A mart that is made anew needs every product computed;
  made from what a few changes left there it would lose all others.
#}
{% macro delete_vanished(unpublished, keys=['product_id']) %}
    {% if is_incremental() %}
        delete from {{ this }} as mart
        where
            mart.product_id in (select product_id from {{ ref('computed_product') }})
            and not exists (
                select
                from {{ unpublished }} as live
                where
                    {%- for key in keys %}
                    live.{{ key }} = mart.{{ key }}{{ ' and' if not loop.last }}
                    {%- endfor %}
            )
    {% else %}
        do $$
        begin
            if exists (
                select product_id from {{ ref('current_product') }}
                except
                select product_id from {{ ref('computed_product') }}
            ) then
                raise exception '{{ this.identifier }} cannot be made anew alone, because not every product was '
                    'computed. Nothing was changed. Run: cordsearch transform --full-refresh';
            end if;
        end $$
    {% endif %}
{% endmacro %}


{# After the last mart: nothing is left to publish, and what was computed is touched no more. #}
{% macro take_marks_away() %}
    delete from {{ ref('touched_product') }}
    where product_id in (select product_id from {{ ref('computed_product') }});
    truncate {{ ref('computed_product') }}, {{ ref('unpublished_product') }},
        {{ ref('unpublished_product_search') }}, {{ ref('unpublished_product_code') }}
{% endmacro %}


{#
  Before an incremental run on a mart of an older version: the columns it lacks, in their order, empty. The run after an
  upgrade is a complete one and fills them. Adding a column locks out readers, so nobody asks for it in vain.
#}
{% macro add_missing_columns(columns) %}
    {% if is_incremental() %}
        {% set present = adapter.get_columns_in_relation(this) | map(attribute='name') | list %}
        {% for name, type in columns.items() if name not in present %}
            alter table {{ this }} add column {{ name }} {{ type }};
        {% endfor %}
    {% endif %}
{% endmacro %}


{# Whether a relation is there and has these columns. #}
{% macro has_columns(relation, columns) %}
    {% set present = [] %}
    {% if execute and load_relation(relation) is not none %}
        {% set present = adapter.get_columns_in_relation(relation) | map(attribute='name') | list %}
    {% endif %}
    {{ return(columns | reject('in', present) | list == []) }}
{% endmacro %}
