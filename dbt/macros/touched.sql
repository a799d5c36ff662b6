{#
  How unpublished_product reads the steps before it. A few touched products are looked up one by one: each step is joined as
  lateral, so that the planner takes the product_id into the step's own tables, by index. Without "offset 0" it would
  see through the lateral and group the rows of all products first (one product: 12 s). Many products, or all of a full
  build, are cheaper in one pass.
#}
{% macro few_touched(touched) %}
    {% if not execute %}{{ return(false) }}{% endif %}
    {% set query %}
        select count(*) <= {{ var('lookup_share') }} * (
            select reltuples from pg_class where oid = '{{ ref('current_product') }}'::regclass
        )
        from {{ touched }}
    {% endset %}
    {{ return(run_query(query).rows[0][0]) }}
{% endmacro %}


{# left join of a step to the product it is about; `few` comes from few_touched. #}
{% macro join_step(step, name, product, few) -%}
    {% if few -%}
        left join lateral (
            select *
            from {{ step }} as step
            where step.product_id = {{ product }}.product_id
            offset 0
        ) as {{ name }} on true
    {%- else -%}
        left join {{ step }} as {{ name }} on {{ product }}.product_id = {{ name }}.product_id
    {%- endif %}
{%- endmacro %}


{# A mart by name, for a model that the mart itself refers to; nothing before the first build. #}
{% macro existing_mart(name) %}
    {% if not execute %}{{ return(false) }}{% endif %}
    {{ return(adapter.get_relation(this.database, target.schema ~ '_marts', name)) }}
{% endmacro %}
