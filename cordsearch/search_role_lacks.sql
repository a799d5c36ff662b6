-- What the role of searches lacks, as statements to run in this order; no row when it has everything, so that a start of
-- the service writes nothing to the catalogue. Tables come and go: dbt makes marts anew, the dictionary is swapped, every
-- model brings a vector table. Default privileges give the role each new table as it is made, whoever of these makes it.
with
read_schema as (
    select
        name,
        to_regnamespace(name)::oid as schema_id
    from unnest(%(schemas)s::text[]) as name
),

maker as (
    select
        read_schema.name,
        read_schema.schema_id,
        pg_roles.oid as role_id,
        pg_roles.rolname
    from read_schema
    inner join pg_roles
        on pg_roles.rolname = current_user
        or pg_roles.oid in (select relowner from pg_class where relnamespace = read_schema.schema_id)
),

lacking as (
    select
        1 as step,
        format('create schema if not exists %%I', name) as statement
    from read_schema
    where schema_id is null
    union all
    select
        2,
        format('grant usage on schema %%I to cordsearch_search', name)
    from read_schema
    where has_schema_privilege('cordsearch_search', schema_id, 'usage') is not true
    union all
    select
        3,
        format(
            'alter default privileges for role %%I in schema %%I grant select on tables to cordsearch_search',
            rolname, name
        )
    from maker
    where not exists (
        select
        from pg_default_acl
        cross join lateral aclexplode(pg_default_acl.defaclacl) as granted
        where
            pg_default_acl.defaclnamespace = maker.schema_id
            and pg_default_acl.defaclrole = maker.role_id
            and pg_default_acl.defaclobjtype = 'r'
            and granted.grantee = to_regrole('cordsearch_search')::oid
            and granted.privilege_type = 'SELECT'
    )
    union all
    select
        4,
        format('grant select on %%s to cordsearch_search', pg_class.oid::regclass)
    from read_schema
    inner join pg_class on read_schema.schema_id = pg_class.relnamespace
    where
        pg_class.relkind in ('r', 'v', 'm', 'p')
        and not has_table_privilege('cordsearch_search', pg_class.oid, 'select')
)

select statement
from lacking
order by step, statement
