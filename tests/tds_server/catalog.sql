-- What SQL Server's catalog views say, told from PostgreSQL's own; temporary, so the source database stays as it is.
-- pg_temp.source_type holds the declared SQL Server types of the registered tables.

create temporary table source_type (
    schema_name text collate "C",
    table_name text collate "C",
    column_name text collate "C",
    data_type text,
    max_length integer,
    primary key (schema_name, table_name, column_name)
);

create temporary view information_schema_columns as
select
    current_setting('tds.database') as table_catalog,
    c.table_schema::text as table_schema,
    c.table_name::text as table_name,
    c.column_name::text as column_name,
    c.ordinal_position::integer as ordinal_position,
    c.is_nullable::text as is_nullable,
    coalesce(t.data_type, c.data_type::text) as data_type,
    coalesce(t.max_length, c.character_maximum_length::integer) as character_maximum_length,
    c.numeric_scale::integer as numeric_scale
from information_schema.columns as c
left join source_type as t
    on t.schema_name = c.table_schema and t.table_name = c.table_name and t.column_name = c.column_name
where c.table_schema not in ('pg_catalog', 'information_schema') and c.table_schema not like 'pg_temp%';

create temporary view information_schema_tables as
select
    current_setting('tds.database') as table_catalog,
    n.nspname::text as table_schema,
    c.relname::text as table_name,
    case c.relkind when 'r' then 'BASE TABLE' else 'VIEW' end as table_type
from pg_class as c
inner join pg_namespace as n on n.oid = c.relnamespace
where
    c.relkind in ('r', 'p', 'v')
    and n.nspname not in ('pg_catalog', 'information_schema')
    and n.nspname not like 'pg_t%';

create temporary view sys_schemas as
select
    n.oid::integer as schema_id,
    n.nspname::text as name
from pg_namespace as n
where n.nspname not in ('pg_catalog', 'information_schema') and n.nspname not like 'pg_t%';

create temporary view sys_tables as
select
    c.oid::integer as object_id,
    c.relname::text as name,
    c.relnamespace::integer as schema_id,
    'U'::text as type
from pg_class as c
where c.relkind = 'r';

create temporary view sys_objects as select * from sys_tables;

create temporary view sys_columns as
select
    a.attrelid::integer as object_id,
    a.attname::text as name,
    a.attnum::integer as column_id,
    not a.attnotnull as is_nullable
from pg_attribute as a
where a.attnum > 0 and not a.attisdropped;

-- exact and never stale; stable, so that the planner counts only the tables that are asked for
create function pg_temp.row_count(relation regclass)
returns bigint
language plpgsql
stable
as $$
declare
    counted bigint;
begin
    execute format('select count(*) from %s', relation) into counted;
    return counted;
end
$$;

create temporary view sys_partitions as
select
    c.oid::integer as object_id,
    1 as index_id,
    1 as partition_number,
    pg_temp.row_count(c.oid::regclass) as rows
from pg_class as c
where c.relkind = 'r';

create function pg_temp.object_id(name text, kind text default null)
returns integer
language sql
stable
return to_regclass(replace(replace(name, '[', '"'), ']', '"'))::integer;

-- the settings tds.* are made by the session (source.py)
create temporary view sys_system_views as
select 'dm_exec_sessions'::text as name;

create temporary view sys_dm_exec_sessions as
select
    pg_backend_pid() as session_id,
    current_setting('tds.isolation')::integer as transaction_isolation_level;

create temporary view sys_databases as
select
    current_setting('tds.database') as name,
    5 as database_id,
    current_setting('tds.snapshot')::integer as snapshot_isolation_state,
    false as is_read_committed_snapshot_on;

-- Change Tracking is off unless a test answers for it
create temporary view sys_change_tracking_databases as
select 5 as database_id
where false;

create temporary view sys_change_tracking_tables as
select 0 as object_id
where false;
