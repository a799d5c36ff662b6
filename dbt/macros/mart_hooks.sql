{# What the marts do around their build. Each renders to nothing on runs that do not need it. #}

{# Memory for hash joins and sorts over all products; compiling a plan costs more than a short run takes. #}
{% macro prepare_session() %}
    set local work_mem = '{{ var('work_mem') }}';
    set local jit = off
{% endmacro %}


{#
  Stops an incremental run that would delete more than a share of all products (vars most_dropped_*): a source emptied
  by mistake must not empty the search. Nothing of the run is published and the products stay touched, so the run after
  the source is put right goes on; a full refresh publishes the deletion if it is meant.
#}
{% macro hold_mass_deletion(live) %}
    {% if execute and is_incremental() %}
        {% set query %}
            select
                (
                    select count(*)
                    from {{ ref('touched_product') }} as touched
                    inner join {{ this }} as mart on touched.product_id = mart.product_id
                    where not exists (select from {{ live }} as live where live.product_id = touched.product_id)
                ) as dropped,
                (select reltuples from pg_class where oid = '{{ this }}'::regclass) as products
        {% endset %}
        {% set found = run_query(query).rows[0] %}
        {% set most = [var('most_dropped_products'), var('most_dropped_share') * found['products'] | float] | max %}
        {% if found['dropped'] > most %}
            {{ exceptions.raise_compiler_error(
                'Held: this run would delete ' ~ found['dropped'] ~ ' of about ' ~ found['products'] | int
                ~ ' products, more than the ' ~ most | int ~ ' that a run may (vars most_dropped_share and '
                ~ 'most_dropped_products). Nothing was published. Put the source right and run again, or publish the '
                ~ 'deletion with a full refresh.'
            ) }}
        {% endif %}
    {% endif %}
{% endmacro %}


{# Before an incremental run: delete the rows of touched products that are no longer in `relation`. #}
{% macro delete_vanished(relation) %}
    {% if is_incremental() %}
        delete from {{ this }} as mart
        where
            mart.product_id in (select product_id from {{ ref('touched_product') }})
            and not exists (
                select
                from {{ relation }} as live
                where live.product_id = mart.product_id
            )
    {% endif %}
{% endmacro %}


{#
  The same for product_code, whose rows are several per product. "not in" is on purpose where few are touched: it stays
  a lookup per row, while "not exists" would be planned as a join with the codes of all products.
#}
{% macro delete_vanished_codes(codes) %}
    {% if is_incremental() %}
        delete from {{ this }} as mart
        where
            mart.product_id in (select product_id from {{ ref('touched_product') }})
            {% if few_touched(ref('touched_product')) %}
                and (mart.code_normalised, mart.kind) not in (
                    select live.code_normalised, live.kind
                    from {{ codes }} as live
                    where live.product_id = mart.product_id
                )
            {% else %}
                and not exists (
                    select
                    from {{ codes }} as live
                    where
                        live.product_id = mart.product_id
                        and live.code_normalised = mart.code_normalised
                        and live.kind = mart.kind
                )
            {% endif %}
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
