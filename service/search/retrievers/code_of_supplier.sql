-- The entries of code.sql behind a filter on the supplier: those that code_found.sql gives, by another way. A range of
-- at most 300 entries is read whole, and the product of each entry is looked at. In a longer one most looks would be in
-- vain. There a vendor code tells the supplier itself, and any other number is asked for among the supplier's products:
-- their vendor codes lie side by side, so reading all of them takes a millisecond (ADR 0029). The last condition of the
-- second part: filters beside the supplier. $5/$6 vendor code range
beginning as materialized (
    select entry.*
    from typed
    cross join lateral (
        select typed.code as typed_code, code.*
        from staging_marts.product_code as code
        where code.code_normalised >= typed.code and code.code_normalised < typed.beyond
        order by code.code_normalised
        limit 301
    ) as entry
),

found as materialized (
    select code.*
    from beginning as code
    where
        (select count(*) from beginning) <= 300
        {passing}
    union all
    select entry.*
    from typed
    cross join lateral (
        select typed.code as typed_code, code.*
        from staging_marts.product_code as code
        where
            code.code_normalised >= typed.code
            and code.code_normalised < typed.beyond
            and case
                when code.kind = 0 then code.code_normalised >= $5::text and code.code_normalised < $6::text
                else code.product_id in (
                    select supplied.product_id
                    from staging_marts.product_code as supplied
                    where
                        supplied.kind = 0
                        and supplied.code_normalised >= $5::text
                        and supplied.code_normalised < $6::text
                )
            end
            {others}
        order by code.code_normalised
        limit 1000
    ) as entry
    where (select count(*) from beginning) > 300
),
