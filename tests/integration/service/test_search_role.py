"""The role that searches run under: what it reads, what it cannot, and that no table is lost to it.

That marts stay readable over a full refresh is in ../dbt/test_incremental.py, the vectors of a new model in
test_model_switch.py, a rebuilt dictionary in test_failures.py.
"""

import secrets
import subprocess
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import psycopg
import pytest
from psycopg import sql

from cordsearch import embedded_postgres
from cordsearch.database import connect
from cordsearch.embedded_postgres import SUPERUSER
from cordsearch.pipeline import reset_warehouse
from cordsearch.search_role import READ_SCHEMAS, SEARCH_ROLE, SearchRoleError, prepare_search_role
from cordsearch.settings import Settings
from cordsearch.sql import load_query
from service.db import open_pool
from service.tables import create_tables
from tests.service import RunningApplication

ROOT = Path(__file__).resolve().parents[3]


def read_as_search(url: str, *tables: str) -> dict[str, int]:
    """Rows of each table, read under the role of searches."""
    with connect(url, options=f"-c role={SEARCH_ROLE}") as connection:
        counts = {}
        for table in tables:
            name = sql.Identifier(*table.split("."))
            row = connection.execute(sql.SQL("select count(*) from {}").format(name)).fetchone()
            assert row is not None
            counts[table] = row[0]
        return counts


def lacking(url: str) -> list[str]:
    query = load_query(str(ROOT / "cordsearch/search_role.py"), "search_role_lacks.sql")
    with connect(url) as connection:
        return [row[0] for row in connection.execute(query, {"schemas": list(READ_SCHEMAS)}).fetchall()]


@pytest.mark.parametrize(
    "statement",
    [
        "insert into staging_marts.search_term values ('x', 'x', 1, 'latin')",
        "delete from staging_marts.dim_product_search",
        "create table staging_marts.mine (x int)",
        "create table public.mine (x int)",
    ],
)
async def test_nothing_is_written_through_the_pool_of_searches(application: RunningApplication, statement: str) -> None:
    async with application.state.pool.acquire() as connection, connection.transaction():
        # even where the session is talked out of reading only, the role has no right to write
        await connection.execute("set transaction read write")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with connection.transaction():
                await connection.execute(statement)


async def test_a_plain_insert_is_refused_before_any_right_is_looked_at(application: RunningApplication) -> None:
    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        await application.state.pool.execute("insert into staging_marts.search_term values ('x', 'x', 1, 'latin')")


@pytest.mark.parametrize("table", ["access.api_key", "bronze.product_cdc", "staging_staging.stg_product"])
async def test_what_search_does_not_read_it_may_not_read(application: RunningApplication, table: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await application.state.pool.fetch(f"select * from {table} limit 1")


def test_preparing_again_changes_nothing(catalogue_url: str) -> None:
    prepare_search_role(catalogue_url)
    assert lacking(catalogue_url) == []


def test_a_reset_warehouse_is_readable_as_soon_as_it_is_built(catalogue_database: str) -> None:
    reset_warehouse(catalogue_database)
    with connect(catalogue_database) as connection:
        connection.execute("create table staging_marts.dim_product_search (product_id bigint)")
    assert read_as_search(catalogue_database, "staging_marts.dim_product_search") == {
        "staging_marts.dim_product_search": 0
    }


@pytest.fixture
def login(empty_database: str) -> Iterator[str]:
    """URL for a login that owns its database and may make no roles."""
    name = f"login_{secrets.token_hex(4)}"
    with connect(empty_database, autocommit=True) as connection:
        role, database = sql.Identifier(name), sql.Identifier(connection.info.dbname)
        connection.execute(sql.SQL("create role {} login").format(role))
        connection.execute(sql.SQL("alter database {} owner to {}").format(database, role))
    yield empty_database.replace(f"{SUPERUSER}@", f"{name}@")
    with connect(empty_database, autocommit=True) as connection:
        connection.execute(sql.SQL("drop owned by {} cascade").format(role))
        connection.execute(sql.SQL("alter database {} owner to {}").format(database, sql.Identifier(SUPERUSER)))
        connection.execute(sql.SQL("drop role {}").format(role))


async def test_a_login_that_may_not_is_told_what_to_run(login: str, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(SearchRoleError, match=r"deploy/postgresql/search_role\.sql"):
        create_tables(login)
    with pytest.raises(SearchRoleError, match="CORDSEARCH_SEARCH_ROLE_REQUIRED=false"):
        await open_pool(Settings(_env_file=None, pool_size=1), login)

    create_tables(login, search_role_required=False)
    pool = await open_pool(Settings(_env_file=None, pool_size=1, search_role_required=False), login)
    try:
        assert await pool.fetchval("select current_user") != SEARCH_ROLE
        with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
            await pool.execute("create table public.mine (x int)")
    finally:
        await pool.close()
    assert "deploy/postgresql/search_role.sql" in caplog.text


def run_as_administrator(url: str, **variables: str) -> None:
    psql = embedded_postgres._server_directory() / "bin/psql"
    settings = ["ON_ERROR_STOP=1", *(f"{name}={value}" for name, value in variables.items())]
    script = ROOT / "deploy/postgresql/search_role.sql"
    subprocess.run(
        [psql, "--no-psqlrc", "--quiet", *(f"--set={setting}" for setting in settings), f"--file={script}", url],
        check=True, timeout=60,
    )  # fmt: skip


async def test_what_the_administrator_runs_is_enough(login: str, empty_database: str) -> None:
    name = str(psycopg.conninfo.conninfo_to_dict(login)["user"])
    for _ in range(2):
        run_as_administrator(empty_database, login=name, builder=name)
    create_tables(login)
    with connect(login) as connection:
        connection.execute("create table staging_marts.dim_product_search (product_id bigint)")
    pool = await open_pool(Settings(_env_file=None, pool_size=1), login)
    try:
        assert await pool.fetchval("select current_user") == SEARCH_ROLE
        assert await pool.fetchval("select count(*) from staging_marts.dim_product_search") == 0
    finally:
        await pool.close()
