-- The entries of code.sql: of each range the first 1,000 that pass.
found as materialized (
    select entry.*
    from typed
    cross join lateral (
        select typed.code as typed_code, code.*
        from staging_marts.product_code as code
        where
            code.code_normalised >= typed.code
            and code.code_normalised < typed.beyond
            {passing}
        order by code.code_normalised
        limit 1000
    ) as entry
),
