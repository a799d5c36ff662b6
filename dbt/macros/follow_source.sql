{#
  Takes the events that arrived since the last run into the tables current_<table>, and puts every product that a
  changed row belonged to, or belongs to now, into touched_product. Returns the statements of one transaction.

  Which events are new. Identity values become visible out of order: a transaction that took event ids 1..9 may commit
  after the one that took 10..19. So a position moves to id N only when no transaction that could hold an id up to N is
  left. Whoever writes to a table holds a lock on it (RowExclusiveLock or stronger) from before it takes its first id
  until after its rows are visible. Hence, in this order: note N, the highest id given out; look who holds such a lock;
  read the events above the position. With nobody writing, N is the new position at once. Otherwise N and the writers
  are kept (candidate, holders), and the position moves there in the first run that finds all of them gone. Until then
  events are read again, which changes nothing: only rows that differ from current_<table> count as changed.

  What a changed row touches. The old image is the row in current_<table>, so a hard delete without a before image, an
  event told twice, late or out of order, and a compacted bronze all do the right thing: the new image is whatever
  stg_<table> says now. Current tables are brought up to date first. A product whose marts row differs then hangs on
  some changed row by rows that did not change, and those are the same before and after; so it is enough to start from
  both images of each changed row and walk through the current tables as they are now (touched_by).
#}
{% macro follow_source() %}
    {% if execute and is_incremental() %}
        {% set known = run_query('select table_name, event_id from ' ~ ref('source_position')) %}
        {% set reached = newest_event_ids(known.columns['table_name'].values()) %}
        {% set news = [] %}
        {% for position in known.rows if reached[position['table_name']] > position['event_id'] %}
            {% do news.append(position['table_name']) %}
            {{ take_events(position['table_name'], position['event_id'], reached[position['table_name']]) }}
        {% endfor %}
        {% if 'category' in news %}
            delete from {{ ref('current_category_path') }};
            insert into {{ ref('current_category_path') }} select * from {{ ref('int_category_path') }};
        {% endif %}
        {% for table in news %}
            insert into {{ this }} (product_id)
            select distinct touched.product_id
            from ({{ touched_by(table) }}) as touched
            where
                touched.product_id is not null
                and not exists (select from {{ this }} as known where known.product_id = touched.product_id);
        {% endfor %}
    {% endif %}
{% endmacro %}


{# Table name -> highest event id given out. #}
{% macro newest_event_ids(tables) %}
    {% set reached = {} %}
    {% if tables | length %}
        {% set query %}
            {% for table in tables %}
                select '{{ table }}' as table_name, {{ newest_event_id(source('bronze', table ~ '_cdc')) }} as event_id
                {{ 'union all' if not loop.last }}
            {% endfor %}
        {% endset %}
        {% for row in run_query(query).rows %}
            {% do reached.update({row['table_name']: row['event_id']}) %}
        {% endfor %}
    {% endif %}
    {{ return(reached) }}
{% endmacro %}


{#
  Brings current_<table> up to date; leaves both images of every row that differs in the temporary table
  changed_<table>, and moves the position.
#}
{% macro take_events(table, position, reached) %}
    {% set bronze = source('bronze', table ~ '_cdc') %}
    {% set current = ref('current_' ~ table) %}
    {% set key = table ~ '_id' %}
    create temporary table writers_{{ table }} on commit drop as {{ writers(bronze) }};
    create temporary table key_{{ table }} on commit drop as
    select distinct row_key from {{ bronze }} where event_id > {{ position }};
    analyze key_{{ table }};
    create temporary table new_{{ table }} on commit drop as
    {{ current_rows(table) }} where {{ key }} in (select row_key from key_{{ table }});
    create temporary table old_{{ table }} on commit drop as
    select * from {{ current }} where {{ key }} in (select row_key from key_{{ table }});
    create temporary table changed_{{ table }} on commit drop as
    (table old_{{ table }} except table new_{{ table }}) union all (table new_{{ table }} except table old_{{ table }});
    analyze changed_{{ table }};
    delete from {{ current }} where {{ key }} in (select {{ key }} from changed_{{ table }});
    insert into {{ current }}
    select * from new_{{ table }} where {{ key }} in (select {{ key }} from changed_{{ table }});
    update {{ ref('source_position') }} as known
    set
        event_id = case
            when writers.holders is null then {{ reached }}
            when {{ candidate_is_safe(bronze) }} then known.candidate
            else known.event_id
        end,
        candidate = case
            when writers.holders is null then null
            when known.candidate is null or {{ candidate_is_safe(bronze) }} then {{ reached }}
            else known.candidate
        end,
        holders = case
            when writers.holders is null then null
            when known.candidate is null or {{ candidate_is_safe(bronze) }} then writers.holders
            else known.holders
        end
    from writers_{{ table }} as writers
    where known.table_name = '{{ table }}';
{% endmacro %}


{# Whether those who were writing when the candidate was noted have all ended; those who write now came later. #}
{% macro candidate_is_safe(bronze) -%}
    (known.candidate is not null and not coalesce(known.holders && writers.holders, false))
{%- endmacro %}


{# Product ids that the changed rows of a table touch: a query over changed_<table> and the current tables. #}
{% macro touched_by(table) %}
    {% set changed = 'changed_' ~ table %}
    {% if table == 'product' %}
        select product_id from {{ changed }}
        union all
        -- one that appears or goes is an analogue more or less for its partners
        select unnest(array[pair.base_product_id, pair.analogue_product_id])
        from (
            select product_id from {{ changed }} where not deleted group by product_id having count(*) = 1
        ) as come_or_gone
        inner join {{ ref('current_product_analogue') }} as pair
            on come_or_gone.product_id in (pair.base_product_id, pair.analogue_product_id)
    {% elif table == 'product_analogue' %}
        select unnest(array[base_product_id, analogue_product_id]) as product_id from {{ changed }}
    {% elif table == 'measure_unit' %}
        select product_id from {{ ref('current_product') }}
        where measure_unit_id in (select measure_unit_id from {{ changed }})
    {% elif table == 'category' %}
        -- with everything below them; union (not union all) ends at cycles
        with recursive below as (
            select category_id from {{ changed }}
            union
            select child.category_id
            from below
            inner join {{ ref('current_category') }} as child on below.category_id = child.root_category_id
        )
        select product_id from {{ ref('current_product_category') }} where category_id in (select category_id from below)
    {% elif table == 'product_group' %}
        select product_id from {{ ref('current_product_product_group') }}
        where
            product_group_id in (
                select product_group_id from {{ changed }}
                union all
                select sub_product_group_id from {{ ref('current_product_sub_group') }}
                where root_product_group_id in (select product_group_id from {{ changed }})
            )
    {% elif table == 'product_sub_group' %}
        select product_id from {{ ref('current_product_product_group') }}
        where product_group_id in (select sub_product_group_id from {{ changed }})
    {% elif table in ('original_number', 'car_brand', 'pricing', 'storage') %}
        {% set link = {
            'original_number': 'current_product_original_number',
            'car_brand': 'current_product_car_brand',
            'pricing': 'current_product_pricing',
            'storage': 'current_product_availability',
        }[table] %}
        select product_id from {{ ref(link) }} where {{ table }}_id in (select {{ table }}_id from {{ changed }})
    {% elif table == 'product_reservation' %}
        select product_id from {{ ref('current_product_availability') }}
        where product_availability_id in (select product_availability_id from {{ changed }})
    {% elif table in ('product_income', 'product_income_item', 'product_capitalization_item', 'product_placement') %}
        {{ touched_by_income(table) }}
    {% else %}
        select product_id from {{ changed }}
    {% endif %}
{% endmacro %}


{# An income line belongs to the product of its capitalization line, else to the lowest one it was placed as. #}
{% macro touched_by_income(table) %}
    {% set changed = 'changed_' ~ table %}
    with line as (
        {% if table == 'product_income_item' %}
            select product_income_item_id, product_capitalization_item_id from {{ changed }}
        {% else %}
            select product_income_item_id, product_capitalization_item_id from {{ ref('current_product_income_item') }}
            where {{ table if table != 'product_placement' else 'product_income_item' }}_id in (
                select {{ table if table != 'product_placement' else 'product_income_item' }}_id from {{ changed }}
            )
        {% endif %}
    )
    select product_id from {{ ref('current_product_capitalization_item') }}
    where product_capitalization_item_id in (select product_capitalization_item_id from line)
    union all
    select product_id from {{ ref('current_product_placement') }}
    where product_income_item_id in (select product_income_item_id from line)
    {% if table in ('product_capitalization_item', 'product_placement') %}
        union all
        select product_id from {{ changed }}
    {% endif %}
{% endmacro %}
