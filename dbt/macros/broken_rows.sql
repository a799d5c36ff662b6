{#
  The rows of a relation that break one of `rules`, a mapping of what is wrong -> the condition a sound row meets (null
  counts as broken). All conditions are asked at once first, so that sound rows cost one pass and nothing more.
#}
{% macro broken_rows(relation, rules) %}
    select
        '{{ relation.identifier }}' as relation_name,
        broken.product_id,
        rule.finding
    from {{ relation }} as broken
    cross join lateral (
        values
        {%- for finding, condition in rules.items() %}
        ('{{ finding }}', coalesce({{ condition }}, false)){{ ',' if not loop.last }}
        {%- endfor %}
    ) as rule (finding, holds)
    where
        ({{ rules.values() | join(' and ') }}) is not true
        and not rule.holds
{% endmacro %}


{# Grains that occur more than once. #}
{% macro repeated_rows(relation, grain) %}
    select
        '{{ relation.identifier }}' as relation_name,
        product_id,
        'there is more than one row of the same {{ grain | join(', ') }}' as finding
    from {{ relation }}
    group by {{ grain | join(', ') }}
    having count(*) > 1
{% endmacro %}


{#
  One row if publication would delete more than a share of all products (vars most_dropped_*): a source emptied by
  mistake must not empty the search. A full refresh is the way to say that the deletion is meant.
#}
{% macro mass_deletion(mart) %}
    select
        'dim_product' as relation_name,
        null::bigint as product_id,
        format(
            'it would delete %s of about %s products, more than the %s that a run may (vars most_dropped_share and '
            || 'most_dropped_products); a full refresh publishes the deletion if it is meant',
            gone.products,
            catalogue.products,
            catalogue.most_dropped
        ) as finding
    from (
        select count(*) as products
        from {{ ref('computed_product') }} as computed
        inner join {{ mart }} as mart on computed.product_id = mart.product_id
        where
            not exists (
                select
                from {{ ref('unpublished_product') }} as live
                where live.product_id = computed.product_id
            )
    ) as gone
    cross join (
        select
            reltuples::bigint as products,
            greatest({{ var('most_dropped_products') }}, {{ var('most_dropped_share') }} * reltuples)::bigint
                as most_dropped
        from pg_class
        where oid = '{{ mart }}'::regclass
    ) as catalogue
    where gone.products > catalogue.most_dropped
{% endmacro %}
