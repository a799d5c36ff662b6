-- For an administrator of a PostgreSQL server on which the login of Cord Search may not make roles. Run it once, and again
-- after the warehouse was dropped:
--   psql --dbname=cord_search --set=login=cordsearch --set=builder=cordsearch --file=deploy/postgresql/search_role.sql
-- login: the user of the service's DATABASE_URL. builder: the user of the worker's, who makes the tables; often the same.
do $$
begin
    if not exists (select from pg_roles where rolname = 'cordsearch_search') then
        create role cordsearch_search nologin;
    end if;
end $$;
grant cordsearch_search to :"login" with inherit false, set true;

create schema if not exists staging_marts authorization :"builder";
create schema if not exists staging_intermediate authorization :"builder";
create schema if not exists embeddings authorization :"builder";
create schema if not exists freshness authorization :"builder";

-- What search reads, tables made later included. Not bronze, not staging, not who may ask, not what shoppers did.
grant usage on schema staging_marts, staging_intermediate, embeddings, freshness to cordsearch_search;
grant select on all tables in schema staging_marts, staging_intermediate, embeddings, freshness to cordsearch_search;
alter default privileges for role :"builder" in schema staging_marts, staging_intermediate, embeddings, freshness
grant select on tables to cordsearch_search;
