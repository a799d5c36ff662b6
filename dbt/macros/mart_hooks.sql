{# What the marts do around their build. Each renders to nothing on runs that do not need it. #}

{# Memory for hash joins and sorts over all products; compiling a plan costs more than a short run takes. #}
{% macro prepare_session() %}
    set local work_mem = '{{ var('work_mem') }}';
    set local jit = off
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
