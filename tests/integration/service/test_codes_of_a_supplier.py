"""Part numbers behind a filter on the supplier: short and long ranges are read differently, and answer the same."""

from dataclasses import replace

import pytest

from service.search.filters import NO_FILTERS, Filters
from service.search.query import understand
from service.search.retrievers.code import CodeRetriever
from tests.service import RunningApplication

_READ_WHOLE, _READ_AT_MOST, _LIMIT = 300, 1_000, 100

ENTRIES = "select count(*) from staging_marts.product_code where code_normalised like $1 || '%'"
SUPPLIERS = """
select left(vendor_code_normalised, $1) as supplier
from staging_marts.dim_product_search
group by 1
order by count(*) desc, 1
limit 1
"""
# Every product of the supplier that has such a number, the best first; slow and obviously right.
EXPECTED = """
select product_id
from staging_marts.dim_product_search as product
cross join lateral (
    select bool_or(code.code_normalised = $1) as exact, count(*) as entries
    from staging_marts.product_code as code
    where code.product_id = product.product_id and code.code_normalised like $1 || '%'
) as found
where
    found.entries > 0
    and product.vendor_code_normalised like $2 || '%'
    and ($3::boolean is null or (product.available_quantity > 0) = $3)
order by found.exact desc, product.static_quality desc, product_id
"""


@pytest.mark.parametrize("also", [NO_FILTERS, Filters(available=True)])
@pytest.mark.parametrize("letters", [1, 3])
async def test_all_that_fit_are_found_and_counted(application: RunningApplication, letters: int, also: Filters) -> None:
    async with application.state.pool.acquire() as connection:
        supplier = await connection.fetchval(SUPPLIERS, letters)
        lengths = set()
        for code in ("8", "1", "81", "A", supplier, f"{supplier}1", "8143", "NOSUCHCODE"):
            entries = await connection.fetchval(ENTRIES, code)
            lengths.add(entries > _READ_WHOLE)
            query = understand(code, application.state.vocabulary(), replace(also, supplier=supplier))
            found = await CodeRetriever().retrieve(connection, replace(query, codes=(code,), terms=()), _LIMIT)
            expected = [row["product_id"] for row in await connection.fetch(EXPECTED, code, supplier, also.available)]
            if found.bounded:
                assert entries >= _READ_AT_MOST
            else:
                assert [each.product_id for each in found.candidates] == expected[:_LIMIT]
                assert found.total == len(expected)
        assert lengths == {True, False}
